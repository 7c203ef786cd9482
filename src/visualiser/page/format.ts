/** Numbers and moments as people read them. */

/** `0:07`, `12:45` */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `2.4 s` of something that goes on, `1:07` when it has become long */
export function dwell(ms: number): string {
  return ms < 60_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : duration(ms);
}

/** `480 ms`, `2.4 s` */
export function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `18:04:31` of the viewer's clock */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** `25 Nov, 18:04` of the viewer's clock */
export function dayTime(at: number): string {
  const options = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
  return new Date(at).toLocaleString('en-GB', options);
}

/** `•••• 4567`; a withheld number has no digits to show. */
export function maskedNumber(last4: string | null): string {
  return last4 ? `•••• ${last4}` : 'number withheld';
}

/** `CA…9f31`: enough to tell calls apart on one screen. */
export function shortSid(callSid: string): string {
  return `${callSid.slice(0, 2)}…${callSid.slice(-4)}`;
}

/** `93.4 %` of a share from 0 to 1 */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
