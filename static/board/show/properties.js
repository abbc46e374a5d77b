// Properties of style in a template: the policy of the page forbids an attribute `style`.

import { nothing } from "../lit-html/lit-html.js";
import { Directive, directive } from "../lit-html/directive.js";

/** Set custom properties: `<div ${properties({ "--from": 10 })}>`; undefined removes one. */
export const properties = directive(class extends Directive {
  update({ element }, [values]) {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) element.style.removeProperty(name);
      else element.style.setProperty(name, value);
    }
    return nothing;
  }

  render() {
    return nothing;
  }
});
