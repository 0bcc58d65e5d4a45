// What this browser sends: camera and microphone, or what stands in for them.

import { syntheticMedia } from './synthetic_media.js';

// {stream, source, why}: source is "camera" or "synthetic"; why says why not the camera.
export async function openLocalMedia({ media, user }) {
  const synthetic = (why) => ({ stream: syntheticMedia(user), source: 'synthetic', why });
  if (media === 'synthetic') return synthetic('');
  // Browsers hide devices from pages that came neither over TLS nor from this machine.
  if (!navigator.mediaDevices) return synthetic('no camera on a page without https');
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: { ideal: 640 }, height: { ideal: 360 } },
    });
    return { stream, source: 'camera', why: '' };
  } catch (error) {
    return synthetic(`no camera: ${error.name}`);
  }
}
