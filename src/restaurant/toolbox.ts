/** The tools of a restaurant, and how they are offered to the model. */
import { z } from 'zod';
import type { Profile } from './profile.ts';
import type { Tool } from './tool.ts';
import { cancelBooking } from './tools/cancel-booking.ts';
import { changeBooking } from './tools/change-booking.ts';
import { checkAvailability } from './tools/check-availability.ts';
import { confirmBooking } from './tools/confirm-booking.ts';
import { endCall } from './tools/end-call.ts';
import { findBooking } from './tools/find-booking.ts';
import { holdTable } from './tools/hold-table.ts';
import { switchLanguage } from './tools/switch-language.ts';
import { takeMessage } from './tools/take-message.ts';
import { transferToStaff } from './tools/transfer-to-staff.ts';

/** OpenAI's form. */
export interface ToolDescription {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: object;
  };
}

/** By name; the same objects for the same profile. */
export function toolsOf(profile: Profile): ReadonlyMap<string, Tool> {
  return toolboxOf(profile).tools;
}

/**
 * What the model is told about the tools: the same for every call of a profile, byte for byte, so
 * that the engine's prefix cache serves all of them.
 */
export function toolDescriptions(profile: Profile): readonly ToolDescription[] {
  return toolboxOf(profile).descriptions;
}

interface Toolbox {
  tools: ReadonlyMap<string, Tool>;
  descriptions: readonly ToolDescription[];
}

const toolboxes = new WeakMap<Profile, Toolbox>();

function toolboxOf(profile: Profile): Toolbox {
  const known = toolboxes.get(profile);
  if (known) return known;
  const list = [
    checkAvailability,
    holdTable,
    confirmBooking,
    findBooking,
    changeBooking,
    cancelBooking,
    takeMessage(profile),
    transferToStaff(profile),
    switchLanguage(profile),
    endCall,
  ].filter((each) => each !== undefined) as Tool[];
  const toolbox = {
    tools: new Map(list.map((each) => [each.name, each])),
    descriptions: list.map(describe),
  };
  toolboxes.set(profile, toolbox);
  return toolbox;
}

function describe({ name, description, schema }: Tool): ToolDescription {
  const { $schema, additionalProperties, ...parameters } = z.toJSONSchema(schema, {
    io: 'output',
    // Limits are told when they are broken: here every token is read with every request.
    override: ({ jsonSchema }) => {
      for (const limit of LIMITS) delete jsonSchema[limit];
    },
  });
  return { type: 'function', function: { name, description, parameters } };
}

const LIMITS = ['pattern', 'minLength', 'maxLength', 'minimum', 'maximum'] as const;
