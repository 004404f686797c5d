// The same grey for every sound: its colour would tell what it is.
const GREY = "#74808d"
const WINDOW_S = 4

class Stage {
  constructor(root) {
    this.root = root
    this.place = root.querySelector(".guess")
    this.said = root.querySelector(".said")
    this.playButton = root.querySelector(".play")
    this.canvas = root.querySelector("canvas")
    this.ear = new Ear(() => this.show())
    this.playButton.onclick = () => this.toggle()
    this.unlisten = listenToKeys(this.place, (key) => this.key(key))
    this.watcher = new ResizeObserver(() => this.draw())
    this.watcher.observe(this.canvas)
    this.answers = []
  }

  update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue
    const isNew = this.round !== data.round
    if (isNew) this.answers = data.answers
    else if (data.answers.length > this.answers.length) this.answers = data.answers
    this.round = data.round
    this.clips = data.clips
    if (isNew) this.present()
  }

  get at() {
    return this.answers.length
  }

  get clip() {
    return this.clips[this.at]
  }

  present() {
    const { clip, clips, at } = this
    this.root.querySelector(".count").textContent = clip ? `Sound ${at + 1} of ${clips.length}` : "That was the last one"
    this.root.querySelector(".dots").replaceChildren(
      ...clips.map((_, number) => make("i", number < at ? "done" : number === at ? "now" : "")),
    )
    this.peaks = null
    this.draw()
    if (!clip) return this.finish()
    this.offer(clip.choices)
    this.play()
    const next = clips[at + 1]
    if (next) decoded(next.audio).catch(() => {})
  }

  finish() {
    this.ear.stop()
    for (const button of this.root.querySelectorAll("button")) button.disabled = true
  }

  offer(choices) {
    const place = this.root.querySelector(".choices")
    const held = [...place.children].indexOf(this.root.activeElement)
    place.replaceChildren(...choices.map((choice, number) => this.choice(choice, number)))
    this.root.querySelector(".keys").replaceChildren(
      make("kbd", "", "1"), " to ", make("kbd", "", choices.length < 10 ? String(choices.length) : "0"), " answer.",
    )
    this.playButton.disabled = false
    if (held >= 0) place.children[Math.min(held, place.children.length - 1)].focus()
  }

  choice({ title, icon: mark, color }, number) {
    const button = make("button", "choice")
    button.type = "button"
    button.style.setProperty("--mark", color)
    button.append(icon(mark, "mark"), make("span", "name", title))
    if (number < 10) button.append(make("kbd", "", String((number + 1) % 10)))
    button.setAttribute("aria-label", title)
    button.onclick = () => this.answer(number)
    return button
  }

  answer(number) {
    const choice = this.clip?.choices[number]
    if (!choice) return
    this.said.textContent = `${choice.title}.`
    this.answers = [...this.answers, choice.id]
    this.setTriggerValue("answers", { round: this.round, answers: this.answers })
    this.present()
  }

  play() {
    const { clip } = this
    decoded(clip.audio)
      .then((buffer) => {
        if (this.clip !== clip) return
        this.duration = buffer.duration
        this.peaks = peaksOf(buffer)
        this.draw()
      })
      .catch(() => {})
    this.ear.play(clip.audio, { level: clip.level }).catch(() => {
      this.said.textContent = "This sound cannot be played. Answer by luck, or start another round."
    })
  }

  toggle() {
    if (this.ear.isPlaying) this.ear.stop()
    else if (this.clip) this.play()
  }

  key(key) {
    if (!this.clip) return false
    if (key === " ") {
      this.play()
      return true
    }
    const number = key === "0" ? 9 : /^[1-9]$/.test(key) ? Number(key) - 1 : -1
    if (number < 0 || number >= this.clip.choices.length) return false
    this.answer(number)
    return true
  }

  show() {
    const { isPlaying, now } = this.ear
    const window_s = Math.max(WINDOW_S, this.duration ?? 0)
    this.place.classList.toggle("playing", isPlaying)
    this.root.querySelector(".toggle").textContent = isPlaying ? "stop" : "play_arrow"
    this.playButton.setAttribute("aria-label", isPlaying ? "Stop the sound" : "Play the sound")
    this.root.querySelector(".line").style.left = `${Math.min(100, (100 * now) / window_s)}%`
    this.root.querySelector(".time").textContent = isPlaying ? `${now.toFixed(1)} s` : ""
  }

  draw() {
    drawWave(this.canvas, this.peaks, GREY, (this.duration ?? WINDOW_S) / Math.max(WINDOW_S, this.duration ?? 0))
  }

  close() {
    this.unlisten()
    this.watcher.disconnect()
    this.ear.close()
  }
}

export default component(Stage)
