const FINEST = 400

// As many values between each two of a course.
function finer(course, times) {
  return Float32Array.from({ length: course.length * times }, (_, at) => {
    const before = Math.floor(at / times)
    const after = Math.min(before + 1, course.length - 1)
    return course[before] + (course[after] - course[before]) * (at / times - before)
  })
}

// A waveform's highest and lowest course from peaks, and silence for as long as `beyond` shares
// of the sound; fine enough that the pieces it is drawn in meet where it is zoomed in most.
function channels(peaks, beyond, closest) {
  const rest = Math.round((peaks.length / 2) * beyond)
  return [1, 0].map((from) => {
    const course = [...peaks.filter((_, at) => at % 2 === from), ...new Array(rest).fill(0)]
    return finer(course, Math.ceil((closest * FINEST) / course.length))
  })
}
