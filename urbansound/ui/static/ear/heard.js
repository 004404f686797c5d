class Table {
  constructor(root) {
    this.root = root
    this.said = root.querySelector(".said")
    this.ear = new Ear(() => this.show())
    this.rows = []
  }

  update({ data }) {
    const known = JSON.stringify(data)
    if (known === this.known) return
    this.known = known
    this.root.querySelector(".heard").style.setProperty("--board", `${data.height}px`)
    const heads = ["Play", ...data.columns].map((name) => {
      const head = make("th", "", name)
      head.scope = "col"
      return head
    })
    this.root.querySelector("thead tr").replaceChildren(...heads)
    this.rows = data.rows.map((row, at) => this.row(row, at, data.columns))
    this.root.querySelector("tbody").replaceChildren(...this.rows.map(({ element }) => element))
    this.show()
  }

  row(row, at, columns) {
    const element = make("tr")
    const play = make("button", "play")
    play.type = "button"
    play.append(icon("play_arrow", "toggle"))
    play.onclick = () => this.toggle(at)
    const held = make("td")
    held.append(play)
    const truth = make("th")
    truth.scope = "row"
    const name = make("span", "true")
    name.style.setProperty("--mark", row.true.color)
    name.append(icon(row.true.icon, "mark"), make("span", "", row.true.title))
    name.title = row.file
    truth.append(name)
    element.append(held, truth, ...row.said.map((said, number) => this.cell(said, columns[number + 1])))
    return { element, play, row }
  }

  cell(said, who) {
    const cell = make("td")
    cell.dataset.who = who
    const words = make("span", said.is_right ? "right" : "wrong")
    words.append(icon(said.is_right ? "check" : "close"), make("span", "said-class", said.title))
    words.append(make("span", "note", said.note))
    words.setAttribute("aria-label", `${said.title} ${said.note}, ${said.is_right ? "right" : "wrong"}`)
    cell.append(words)
    return cell
  }

  toggle(at) {
    if (this.at === at && this.ear.isPlaying) return this.ear.stop()
    this.at = at
    const { row } = this.rows[at]
    this.ear.play(row.audio, { level: row.level }).catch(() => (this.said.textContent = "This sound cannot be played."))
  }

  show() {
    this.rows.forEach(({ element, play, row }, at) => {
      const isPlaying = this.at === at && this.ear.isPlaying
      element.classList.toggle("playing", isPlaying)
      play.firstChild.textContent = isPlaying ? "stop" : "play_arrow"
      play.setAttribute("aria-label", `${isPlaying ? "Stop" : "Play"} sound ${at + 1}, ${row.true.title}`)
    })
  }

  close() {
    this.ear.close()
  }
}

export default component(Table)
