// The words beside a clip that is pointed at.
class Tip {
  constructor(element, map) {
    this.element = element
    this.map = map
  }

  // What is known of a clip, from its class down.
  factsOf(at) {
    const { clips, data } = this.map
    const facts = [data.classes[clips.classes[at]].title]
    if (clips.recordings[at] >= 0) {
      const others = clips.nTakes(at) - 1
      const more = others ? ` and ${others.toLocaleString("en")} more of it` : ""
      facts.push(`recording ${clips.recordings[at]}${more}`)
    }
    const loudness = data.sound ? ` · ${clips.loud[at] ? "loud" : "faint"}` : ""
    facts.push(`fold ${clips.folds[at]}${loudness}`)
    return [...facts, ...this.saidOf(at)]
  }

  saidOf(at) {
    if (this.map.data.color_by !== "answers" || !this.map.answers) return []
    const heard = this.map.data.classes[this.map.answers.heard[at]]?.title
    return [["not tested", `heard as ${heard}: right`, `heard as ${heard}`][this.map.answers.states[at]]]
  }

  show(at) {
    this.element.hidden = at < 0
    if (at < 0) return
    const style = this.map.data.classes[this.map.clips.classes[at]]
    const [title, ...facts] = this.factsOf(at)
    const head = make("div", "head")
    head.style.setProperty("--mark", style.color)
    head.append(icon(style.icon), make("span", "words", title))
    this.element.replaceChildren(head, ...facts.map((fact) => make("div", "", fact)))
    if (this.map.data.color_by === "answers" && this.map.answers?.states[at] === 2) this.element.lastChild.className = "wrong"
    this.place(...this.map.spot(at))
  }

  place(left, top) {
    const { offsetWidth: width, offsetHeight: height } = this.element
    const isRight = left + 16 + width < this.map.plane.width
    const x = isRight ? left + 16 : Math.max(6, left - 16 - width)
    const y = Math.min(Math.max(6, top - height / 2), this.map.plane.height - height - 6)
    const covers = !isRight && left - 16 - width < 6
    const free = top + 20 + height < this.map.plane.height ? top + 20 : Math.max(6, top - 20 - height)
    this.element.style.transform = `translate(${Math.round(x)}px, ${Math.round(covers ? free : y)}px)`
  }
}
