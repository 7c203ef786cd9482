/** Starts voice activity and ends it: what it leaves on the disk and says is looked at from outside. */
import { startVoiceActivity } from '../../src/turns/voice-activity.ts';

const activity = await startVoiceActivity();
await activity.close();
console.log('started');
