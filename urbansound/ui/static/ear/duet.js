// Matplotlib's magma at every 32nd of its 256 steps, as in every spectrogram of the app.
const MAGMA = [
  [0, 0, 4], [20, 14, 54], [59, 15, 112], [100, 26, 128], [140, 41, 129],
  [183, 55, 121], [222, 73, 104], [247, 112, 92], [254, 159, 109], [254, 207, 146], [252, 253, 191],
]
const RANGE_DB = 80

function magma(share) {
  const at = Math.min(Math.max(share, 0), 1) * (MAGMA.length - 1)
  const low = Math.min(Math.floor(at), MAGMA.length - 2)
  return MAGMA[low].map((value, channel) => value + (MAGMA[low + 1][channel] - value) * (at - low))
}

class Duet {
  constructor(root) {
    this.root = root
    this.place = root.querySelector(".duet")
    this.said = root.querySelector(".said")
    this.ear = new Ear(() => this.show())
    this.heard = 0
    this.isLoop = false
    this.isSame = true
    this.at = 0
    root.querySelector(".play").onclick = () => this.toggle()
    this.switches = [".a", ".b"].map((name) => root.querySelector(name))
    this.switches.forEach((button, number) => (button.onclick = () => this.hear(number)))
    root.querySelector(".loop").onclick = () => this.setLoop()
    root.querySelector(".same").onclick = () => this.setSame()
    this.unlisten = listenToKeys(this.place, (key) => this.key(key))
    this.watcher = new ResizeObserver(() => this.draw())
    this.watcher.observe(root.querySelector(".tracks"))
  }

  update({ data }) {
    const known = JSON.stringify(data)
    if (known === this.known) return
    this.known = known
    this.ear.stop()
    this.at = 0
    this.data = data
    this.levels = data.sounds.map(({ levels }) => Uint8Array.from(atob(levels), (letter) => letter.charCodeAt(0)))
    this.tracks = data.sounds.map((sound, number) => this.track(sound, number))
    this.root.querySelector(".tracks").replaceChildren(...this.tracks)
    this.root.querySelector(".axis").replaceChildren(...this.marks())
    this.switches.forEach((button, number) => {
      button.querySelector(".name").textContent = data.sounds[number].title
      button.setAttribute("aria-label", `Hear ${"AB"[number]}, ${data.sounds[number].title}`)
    })
    for (const { audio } of data.sounds) decoded(audio).catch(() => {})
    this.draw()
    this.show()
  }

  track(sound, number) {
    const track = make("div", "track")
    track.style.setProperty("--mark", sound.color)
    const label = make("div", "label")
    label.append(make("span", "", "AB"[number]), icon(sound.icon, "mark"), make("span", "", sound.title), make("span", "quiet", sound.name))
    const field = make("div", "field")
    field.setAttribute("role", "img")
    field.setAttribute("aria-label", `Waveform and spectrogram of ${"AB"[number]}, ${sound.title}, ${sound.duration_s.toFixed(1)} seconds`)
    field.append(make("canvas", "wave"), make("canvas", "mel"), make("span", "line"))
    field.onclick = (event) => this.seek(number, event.offsetX / field.clientWidth)
    const gutter = make("div", "gutter")
    gutter.append(...this.data.ticks.map(([hz, share]) => {
      const tick = make("span", "", hz < 1000 ? String(hz) : `${hz / 1000}k`)
      tick.style.bottom = `${100 * share}%`
      return tick
    }))
    gutter.setAttribute("aria-hidden", "true")
    track.append(label, field, gutter)
    return track
  }

  marks() {
    const { window_s } = this.data
    const step = window_s > 20 ? 10 : window_s > 8 ? 2 : 1
    const marks = []
    for (let at = 0; at <= window_s + 1e-6; at += step) {
      const mark = make("span", "", `${at} s`)
      mark.style.left = `${(100 * at) / window_s}%`
      marks.push(mark)
    }
    return marks
  }

  // How far the levels of a clip are turned up, in dB.
  gain(number) {
    return this.isSame ? gainFor(this.data.sounds[number].level) : 0
  }

  draw() {
    if (!this.data) return
    // Both waves on one scale: as loud as they are, or each as it is heard.
    const tops = this.data.sounds.map(({ peaks }, number) => Math.max(...peaks.flat().map(Math.abs)) * factor(this.gain(number)))
    const top = Math.max(...tops, 1e-9)
    const most = Math.max(this.gain(0), this.gain(1))
    this.data.sounds.forEach((sound, number) => {
      const [wave, mel] = this.tracks[number].querySelectorAll("canvas")
      const scale = factor(this.gain(number)) / top
      const share = sound.duration_s / this.data.window_s
      drawWave(wave, sound.peaks.map((pair) => pair.map((value) => value * scale)), sound.color, share)
      this.paint(mel, sound, this.levels[number], this.gain(number) - most, share)
    })
  }

  paint(canvas, { frames, bands }, levels, shift, share) {
    const strip = new OffscreenCanvas(frames, bands)
    const picture = new ImageData(frames, bands)
    const shades = Array.from({ length: 256 }, (_, level) => magma(level / 255 + shift / RANGE_DB))
    for (let frame = 0; frame < frames; frame++) {
      for (let band = 0; band < bands; band++) {
        const at = 4 * ((bands - 1 - band) * frames + frame)
        picture.data.set([...shades[levels[frame * bands + band]], 255], at)
      }
    }
    strip.getContext("2d").putImageData(picture, 0, 0)
    const dense = window.devicePixelRatio || 1
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * dense))
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * dense))
    const pen = canvas.getContext("2d")
    pen.fillStyle = MISSING
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.drawImage(strip, 0, 0, canvas.width * Math.min(1, share), canvas.height)
  }

  toggle() {
    if (this.ear.isPlaying) this.rest()
    else this.play(this.at)
  }

  rest() {
    this.at = this.ear.now
    this.ear.stop()
  }

  play(from) {
    const sound = this.data.sounds[this.heard]
    const begins = from < sound.duration_s - 0.05 ? from : 0
    const level = this.isSame ? sound.level : null
    this.ear
      .play(sound.audio, { from: begins, level, loop: this.isLoop, onEnd: () => this.ended() })
      .catch(() => (this.said.textContent = "This sound cannot be played."))
  }

  ended() {
    this.at = 0
    this.show()
  }

  // The other one at the same moment, where it lasts that long.
  hear(number) {
    const { isPlaying, now } = this.ear
    this.heard = number
    this.said.textContent = `${"AB"[number]}, ${this.data.sounds[number].title}`
    this.play(isPlaying ? now : this.at)
    this.show()
  }

  seek(number, share) {
    this.heard = number
    this.at = share * this.data.window_s
    this.play(this.at)
    this.show()
  }

  setLoop() {
    this.isLoop = !this.isLoop
    if (this.ear.source) this.ear.source.loop = this.isLoop
    this.said.textContent = this.isLoop ? "Loops" : "Plays once"
    this.show()
  }

  setSame() {
    this.isSame = !this.isSame
    this.said.textContent = this.isSame ? "Same loudness" : "As loud as they are"
    this.ear.turn(this.isSame ? this.data.sounds[this.heard].level : null)
    this.draw()
    this.show()
  }

  key(key) {
    const acts = { " ": () => this.toggle(), a: () => this.hear(0), b: () => this.hear(1), l: () => this.setLoop(), v: () => this.setSame() }
    if (!acts[key]) return false
    acts[key]()
    return true
  }

  show() {
    if (!this.data) return
    const { isPlaying } = this.ear
    const now = isPlaying ? this.ear.now : this.at
    const play = this.root.querySelector(".play")
    play.querySelector(".toggle").textContent = isPlaying ? "pause" : "play_arrow"
    play.querySelector(".words").textContent = isPlaying ? "Pause" : "Play"
    play.setAttribute("aria-label", isPlaying ? "Pause" : "Play")
    this.switches.forEach((button, number) => button.setAttribute("aria-pressed", String(number === this.heard)))
    this.root.querySelector(".loop").setAttribute("aria-pressed", String(this.isLoop))
    this.root.querySelector(".same").setAttribute("aria-pressed", String(this.isSame))
    this.tracks.forEach((track, number) => {
      track.classList.toggle("on", number === this.heard)
      track.classList.toggle("begun", isPlaying || this.at > 0)
      track.querySelector(".line").style.left = `${Math.min(100, (100 * now) / this.data.window_s)}%`
    })
  }

  close() {
    this.unlisten()
    this.watcher.disconnect()
    this.ear.close()
  }
}

export default component(Duet)
