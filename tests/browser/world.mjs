// What all tests share: one Chromium, one signaling server, one TURN server.

import { Browser } from './browser.mjs';
import { SignalingServer, TurnServer } from './programs.mjs';

export const [browser, server, turn] = await Promise.all([
  Browser.start(),
  SignalingServer.start(),
  TurnServer.start(),
]);

export const endOfTheWorld = () => Promise.all([browser.stop(), server.stop(), turn.stop()]);
