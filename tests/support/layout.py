"""What overlaps, sticks out, is cut, or cannot be hit on a page. Each function returns the texts of what is so."""

# A piece is a text or a control that is seen, with its box: what the elements around it leave of it.
PIECES = """
const isSeen = (each) => each.checkVisibility({opacityProperty: true, visibilityProperty: true})
  && !each.closest(".visually-hidden, [aria-hidden=true], #broken, datalist, option");
const CONTROLS = "button, input, select, textarea, summary, a";
const root = document.querySelector("dialog[open]") ?? document.body;
const isInWindow = ({top, bottom}) => bottom > 0 && top < innerHeight;

function boxWithin({left, top, right, bottom}, element, isScrolledTo = false) {
  for (let each = element; each && each !== document.documentElement; each = each.parentElement) {
    const style = getComputedStyle(each);
    if (style.overflowX === "visible" || style.display === "inline") continue;
    if (isScrolledTo && ["auto", "scroll"].includes(style.overflowY)) continue;
    const box = each.getBoundingClientRect();
    [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
    [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
  }
  return {left, top, right, bottom};
}

function textsIn(within) {
  const {SHOW_ELEMENT, SHOW_TEXT, FILTER_ACCEPT, FILTER_REJECT, FILTER_SKIP} = NodeFilter;
  const walker = document.createTreeWalker(within, SHOW_ELEMENT | SHOW_TEXT, (node) => {
    if (node.nodeType === Node.TEXT_NODE) return FILTER_ACCEPT;
    const isFar = node.matches("tr, li") && !isInWindow(node.getBoundingClientRect());
    return isFar ? FILTER_REJECT : FILTER_SKIP; // of 1,000 rows only those in the window are read
  });
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !isSeen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const {left, top, right, bottom} of range.getClientRects()) {
      const edge = (bottom - top) / 5; // above and below the letters
      found.push({element, text: node.data.trim(), left, top: top + edge, right, bottom: bottom - edge});
    }
  }
  return found;
}

const toBox = (element) => {
  const {left, top, right, bottom} = element.getBoundingClientRect();
  return {element, text: element.textContent.trim() || element.name || element.className, left, top, right, bottom};
};
const controlsIn = (within) => [...within.querySelectorAll(CONTROLS)].filter(isSeen);
"""

FAULTS = """
const isBlock = (each) => getComputedStyle(each).display !== "inline";
const isNear = (each) => isInWindow((each.closest("tr, li") ?? each).getBoundingClientRect())
  && isInWindow(each.getBoundingClientRect()) && isSeen(each);
const controls = [...root.querySelectorAll(CONTROLS)].filter(isNear);
const pieces = [...textsIn(root), ...controls.map((each) => ({...toBox(each), isInline: !isBlock(each)}))]
  .filter(isInWindow).map((piece) => ({...piece, ...boxWithin(piece, piece.element)}));

const wide = [document.documentElement, ...document.querySelectorAll("dialog[open], dialog[open] .content, #tray")]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.id || each.className || each.localName);
const out = pieces.filter(({left, right}) => right > left && (left < -1 || right > innerWidth + 1))
  .map(({text}) => text);

const layerOf = ({element}) => element.closest(":is(#tray, .content) [data-form] .buttons, #strip, #find");
const solid = pieces
  .filter(({isInline, left, right, top, bottom}) => !isInline && right - left > 1 && bottom - top > 1)
  .toSorted((one, other) => one.top - other.top);
const over = solid.flatMap((one, index) => {
  const found = [];
  for (let next = index + 1; next < solid.length && solid[next].top < one.bottom - 1; next += 1) {
    const other = solid[next];
    const isOver = other.left < one.right - 1 && one.left < other.right - 1;
    const isOneWithin = one.element.contains(other.element) || other.element.contains(one.element);
    if (isOver && !isOneWithin && layerOf(one) === layerOf(other))
      found.push(`${one.text} | ${other.text}`);
  }
  return found;
});

const ids = root.querySelectorAll(".mentor bdi:is(.id, :only-child), h2 bdi:only-child, h2 small bdi");
const cut = [...ids].filter(isNear).flatMap(textsIn).filter((piece) => {
  const {left, top, right, bottom} = boxWithin(piece, piece.element, true);
  const row = (piece.element.closest("[role=row], li") ?? root).getBoundingClientRect();
  return left > piece.left + 1 || right < piece.right - 1 || top > piece.top + 1 || bottom < piece.bottom - 1
    || piece.top < row.top - 1 || piece.bottom > row.bottom + 1;
}).map(({text}) => text);
return Object.entries({wide, out, over, cut}).flatMap(([fault, texts]) =>
  texts.slice(0, 3).map((text) => `${fault}: ${text}`));
"""

UNHIT = """
const wanted = controlsIn(root);
return [...wanted.slice(0, 60), ...wanted.slice(60).slice(-60)].filter((each) => {
  each.scrollIntoView({block: "nearest", inline: "nearest", behavior: "instant"});
  const [{left, top, width, height}] = each.getClientRects();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  return !hit || !each.contains(hit);
}).map((each) => toBox(each).text);
"""

SMALL = """
const isAlone = (each) => each.matches(":not(a), nav a, a.button, .mentor, .person, thead a, [title^=Only]");
return controlsIn(root).filter(isAlone).map((each) => [each, each.type === "checkbox" ? each.closest("label") : each])
  .filter(([, area]) => {
    area.scrollIntoView({block: "nearest"}); // far off it is not laid out
    return area.offsetHeight < 44 || area.offsetWidth < 44;
  }).map(([each, {offsetWidth, offsetHeight}]) => `${toBox(each).text}: ${offsetWidth} x ${offsetHeight}`);
"""


def faults(driver):
    """Find what is wider than the page (wide), and texts and controls in the window that are wrong.

    They stick out of the page (out), lie over one another (over; what the strip, the search or the buttons of a form
    cover may be scrolled), or are ids of mentors that are not seen whole (cut). Of each kind it returns three.
    """
    return driver.execute_script(PIECES + FAULTS)


def unhit(driver):
    """Find controls that a click at their centre does not reach, once they are scrolled into the window.

    Of many it takes the first 60 and the last 60.
    """
    return driver.execute_script(PIECES + UNHIT)


def small(driver):
    """Find controls of less than 44 pixels either way; a link in a sentence is none."""
    return driver.execute_script(PIECES + SMALL)
