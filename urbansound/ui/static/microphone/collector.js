// Runs beside the browser's sound: hands on what the microphone hears, a block at a time.
class Collector extends AudioWorkletProcessor {
  constructor() {
    super()
    this.block = new Float32Array(1024)
    this.filled = 0
  }

  process([[samples]]) {
    for (const sample of samples ?? []) {
      this.block[this.filled++] = sample
      if (this.filled === this.block.length) {
        this.port.postMessage(this.block)
        this.filled = 0
      }
    }
    return true
  }
}
registerProcessor("collector", Collector)
