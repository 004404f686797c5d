// What stands left of the pictures: the names of the rows, pitches in Hz, numbers of coefficients.
class Gutter {
  constructor(element) {
    this.element = element
  }

  draw({ lanes, spectrogram, mfcc }) {
    const rows = lanes.map(({ name }, row) => this.tick(name, WAVE_HEIGHT + 13 + 22 * row))
    let top = WAVE_HEIGHT + 4 + 22 * lanes.length
    for (const [hz, share] of spectrogram?.ticks ?? []) {
      rows.push(this.tick(hz >= 1000 ? `${hz / 1000} kHz` : `${hz} Hz`, top + SPECTROGRAM_HEIGHT * (1 - share)))
    }
    if (spectrogram) top += SPECTROGRAM_HEIGHT
    if (mfcc) rows.push(...this.coefficients(mfcc, top + GAP))
    this.element.replaceChildren(...rows)
  }

  coefficients({ ticks }, top) {
    const name = this.tick("coefficient", top + MFCC_HEIGHT / 2)
    name.className = "upright"
    return [name, ...ticks.map(([row, share]) => this.tick(row, top + MFCC_HEIGHT * (1 - share)))]
  }

  tick(text, top) {
    const span = make("span", "", text)
    span.title = text
    span.style.top = `${top}px`
    return span
  }
}
