/** Who is in the register can be found for gifts: brought up to date before gifts are looked into. */
import { setTimeout as pause } from 'node:timers/promises';
import { keepBlocks } from '../../core/gifts/linkage/keepBlocks';
import type { StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { oneAtATime } from '../oneAtATime';

/** Another process is at it: its turn is waited for (real ms). */
const ASK_AGAIN = 200;

export async function upToDate(ctx: Pick<StepContext, 'clock' | 'progress'>, store: Store): Promise<void> {
	for (;;) {
		const turn = await oneAtATime(store, ctx.clock, 'giver blocks', async () => {
			await keepBlocks(store, ctx.clock, { progress: ctx.progress });
		});
		if (turn.taken) return;
		await pause(ASK_AGAIN);
	}
}
