// A picture that moves and a tone, for machines without camera or microphone. The picture says whose
// it is; the tone is soft, its pitch is of the user's name, so that guests can be told apart by ear.

const kWidth = 640, kHeight = 360, kFramesPerSecond = 30;

// 0 to 1, the same for the same text.
function share(text) {
  let hash = 0;
  for (const c of text) hash = (Math.imul(hash, 31) + c.codePointAt(0)) | 0;
  return (hash >>> 0) / 2 ** 32;
}

function draw(canvas, user, seconds) {
  const hue = Math.round(share(user) * 360);
  const angle = seconds * 1.2;
  canvas.fillStyle = `hsl(${hue} 45% 22%)`;
  canvas.fillRect(0, 0, kWidth, kHeight);
  canvas.fillStyle = `hsl(${hue} 75% 62%)`;
  canvas.beginPath();
  canvas.arc(kWidth / 2 + Math.cos(angle) * 230, kHeight / 2 + Math.sin(angle) * 110, 34, 0, 7);
  canvas.fill();
  canvas.fillStyle = '#fff';
  canvas.textAlign = 'center';
  canvas.font = '600 40px system-ui, sans-serif';
  canvas.fillText(user, kWidth / 2, kHeight / 2, kWidth - 120);
  canvas.font = '28px ui-monospace, monospace';
  canvas.fillText(`${seconds.toFixed(2)} s`, kWidth / 2, kHeight / 2 + 46);
}

function picture(user) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [kWidth, kHeight];
  const context = canvas.getContext('2d', { alpha: false });
  const frame = () => draw(context, user, performance.now() / 1000);
  frame();
  // Not requestAnimationFrame(): a hidden tab gets none, and would send a still picture.
  setInterval(frame, 1000 / kFramesPerSecond);
  return canvas.captureStream(kFramesPerSecond).getVideoTracks();
}

// Silent until the page was touched, where the browser wants that.
function tone(user) {
  const audio = new AudioContext();
  const oscillator = new OscillatorNode(audio, { frequency: 220 + Math.round(share(user) * 440) });
  const volume = new GainNode(audio, { gain: 0.1 });
  const out = new MediaStreamAudioDestinationNode(audio);
  oscillator.connect(volume).connect(out);
  oscillator.start();
  addEventListener('pointerdown', () => audio.resume(), { once: true });
  addEventListener('keydown', () => audio.resume(), { once: true });
  return out.stream.getAudioTracks();
}

export function syntheticMedia(user) {
  return new MediaStream([...picture(user), ...tone(user)]);
}
