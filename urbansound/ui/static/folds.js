// A small curve for every fold, drawn into axes that stand from the first moment.
const SVG = "http://www.w3.org/2000/svg"

function make(tag, className) {
  const element = document.createElement(tag)
  element.className = className
  return element
}

function drawn(tag, className, places) {
  const element = document.createElementNS(SVG, tag)
  element.setAttribute("class", className)
  for (const [name, value] of Object.entries(places)) element.setAttribute(name, value)
  return element
}

class Fold {
  constructor() {
    this.element = make("div", "fold")
    this.element.setAttribute("role", "listitem")
    const head = make("div", "head")
    this.name = make("span", "name")
    this.score = make("span", "score")
    head.append(this.name, this.score)
    this.plot = drawn("svg", "", { viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img" })
    for (const y of [0, 50, 100]) this.plot.append(drawn("line", "frame", { x1: 0, x2: 100, y1: y, y2: y }))
    this.guess = drawn("line", "guess", { x1: 0, x2: 100 })
    this.line = drawn("polyline", "line", { points: "" })
    this.plot.append(this.guess, this.line)
    this.ends = make("div", "ends")
    this.ends.append(make("span", ""), make("span", ""))
    this.note = make("div", "note")
    this.element.append(head, this.plot, this.ends, this.note)
  }

  show(fold, board) {
    this.element.className = `fold ${fold.state}`
    this.name.textContent = fold.name
    this.score.textContent = fold.score
    this.note.textContent = fold.note
    this.plot.setAttribute("aria-label", fold.alt)
    this.line.style.setProperty("--line", board.colors[fold.part])
    const at = ([epoch, accuracy]) => `${(100 * epoch) / board.n_epochs},${100 - 100 * accuracy}`
    const points = fold.points.map(at)
    // A single point is no line yet: it is drawn as a dot.
    this.line.setAttribute("points", (points.length === 1 ? [...points, ...points] : points).join(" "))
    for (const end of ["y1", "y2"]) this.guess.setAttribute(end, 100 - 100 * board.guess)
    this.ends.firstChild.textContent = fold.heard
    this.ends.lastChild.textContent = fold.reached
  }
}

export default function (component) {
  const { data, parentElement } = component
  const place = parentElement.querySelector(".folds")
  place.setAttribute("aria-label", data.label)
  const folds = (place.folds ??= [])
  while (folds.length > data.folds.length) folds.pop().element.remove()
  while (folds.length < data.folds.length) {
    folds.push(new Fold())
    place.append(folds.at(-1).element)
  }
  data.folds.forEach((fold, at) => folds[at].show(fold, data))
}
