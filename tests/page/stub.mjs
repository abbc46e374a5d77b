// What the modules of the board find in a browser and not in node. It is loaded before them (node --import).

process.env.TZ = "Pacific/Pago_Pago"; // the zone of the reader, which is 11 hours behind UTC: it changes nothing

const group = (items, keyOf, groups) => {
  for (const [index, item] of [...items].entries()) {
    const key = keyOf(item, index);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};
Map.groupBy ??= (items, keyOf) => group(items, keyOf, new Map()); // Debian's node 20 has neither
Object.groupBy ??= (items, keyOf) => Object.fromEntries(group(items, keyOf, new Map()));

class Storage {}
const events = new EventTarget();
const location = new URL("http://service.example/board");
const goTo = (_state, _title, address) => (location.hash = address);
const body = { dataset: { mentorUrl: "" } };
const querySelector = () => // of the search in the head, and of what would come into sight
  Object.assign(new EventTarget(), { form: new EventTarget(), querySelector() {}, scrollIntoView() {} });
const querySelectorAll = () => [];
const document = {
  baseURI: location.href, body, createTreeWalker() {}, createComment() {}, querySelector, querySelectorAll,
};
const browser = {
  window: globalThis, CSS: { escape: String }, navigator: { onLine: true }, location,
  Storage, localStorage: new Storage(), sessionStorage: new Storage(),
  history: { pushState: goTo, replaceState: goTo },
  document: Object.assign(new EventTarget(), document),
  addEventListener: events.addEventListener.bind(events), dispatchEvent: events.dispatchEvent.bind(events),
};
for (const [name, value] of Object.entries(browser))
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
