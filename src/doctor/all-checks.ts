import type { Check } from './check.ts';
import { cartesiaKey } from './checks/cartesia-key.ts';
import { cartesiaPlan } from './checks/cartesia-plan.ts';
import { cartesiaVoice } from './checks/cartesia-voice.ts';
import { cerebriumFile } from './checks/cerebrium-file.ts';
import { clock } from './checks/clock.ts';
import { database } from './checks/database.ts';
import { disk } from './checks/disk.ts';
import { engineAudio } from './checks/engine-audio.ts';
import { engineModel } from './checks/engine-model.ts';
import { engineTools } from './checks/engine-tools.ts';
import { environment } from './checks/environment.ts';
import { huggingFace } from './checks/hugging-face.ts';
import { mediaSocket } from './checks/media-socket.ts';
import { nodeVersion } from './checks/node-version.ts';
import { publicUrl } from './checks/public-url.ts';
import { restaurantProfile } from './checks/restaurant-profile.ts';
import { twilioAccount } from './checks/twilio-account.ts';
import { twilioNumber } from './checks/twilio-number.ts';
import { twilioPermissions } from './checks/twilio-permissions.ts';

/** In the order in which they are best put right: what comes later needs what comes before. */
export const allChecks: readonly Check[] = [
  nodeVersion,
  environment,
  restaurantProfile,
  disk,
  database,
  clock,
  twilioAccount,
  cartesiaKey,
  cartesiaVoice,
  cartesiaPlan,
  huggingFace,
  engineModel,
  engineAudio,
  engineTools,
  publicUrl,
  mediaSocket,
  twilioNumber,
  twilioPermissions,
  cerebriumFile,
];
