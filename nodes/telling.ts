/** How a step that hears of opens and clicks tells machines from people, as its form says it. */
import { z } from 'zod/v4';
import type { MachineSettings } from '../core/responses/machine';

/** @param graceSeconds how long an open or a click waits, until it is known what follows it, when the form does not say. */
export const telling = (graceSeconds: number) =>
	z
		.object({
			burstLinks: z.number().int().min(2).max(100).default(3),
			burstSeconds: z.number().min(0).max(300).default(5),
			graceSeconds: z.number().min(0).max(600).default(graceSeconds),
			swiftSeconds: z.number().min(0).max(600).default(2),
		})
		.prefault({});

export function machineSettings(told: z.infer<ReturnType<typeof telling>>): MachineSettings {
	return {
		swiftMs: told.swiftSeconds * 1_000,
		burstLinks: told.burstLinks,
		burstMs: told.burstSeconds * 1_000,
	};
}
