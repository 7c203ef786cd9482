/** The models that Cartesia serves, and the voices that the simulator lists: all sound the same. */

export const MODELS: ReadonlySet<string> = new Set([
  'sonic-3.5',
  'sonic-3.5-2026-05-04',
  'sonic-3',
  'sonic-3-2026-01-12',
  'sonic-3-2025-10-27',
  'sonic-latest',
]);

export const VOICES = [
  { id: 'simulated-voice', name: 'Simulated voice', language: 'en', is_public: true },
  // The one that is spoken with where no other is set.
  {
    id: '97f4b8fb-f2fe-444b-bb9a-c109783a857a',
    name: 'Simulated stock voice',
    language: 'en',
    is_public: true,
  },
] as const;
