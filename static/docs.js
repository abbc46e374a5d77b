"use strict";

// A body that creates something is shown without the id of the contract's example, which may be a mentor of this
// service: "Execute" changes nothing before the reader has typed one.
const BodiesWithoutIds = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (original) => (description) => {
          for (const { post } of Object.values(description.paths)) {
            const example = post?.requestBody.content["application/json"].example;
            if (example) example.mentor_id = "";
          }
          return original(description);
        },
      },
    },
  },
});

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null, // it would ask a foreign server
  plugins: [BodiesWithoutIds],
});
