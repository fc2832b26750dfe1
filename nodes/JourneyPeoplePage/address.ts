/** Where the page is, for the step's form to show: hosts know it only once the flow runs. */
import { z } from 'zod/v4';
import type { StepContext } from '../../core/step';
import { keepSetting, settingsUnder } from '../../core/store/setting';
import type { Store } from '../../core/store/store';

const KEY = 'people-page:';
const kept = z.object({ address: z.string(), name: z.string() });

/** @param pages which kind of page: each lists its own */
export async function rememberPage(
	{ place, store }: StepContext,
	address: string,
	pages = KEY,
): Promise<void> {
	const value = JSON.stringify({ address, name: `${place.flowName} › ${place.name}` });
	const opened = await store();
	await opened.write(({ db }) => keepSetting(db, `${pages}${place.step}`, value));
}

export async function pageAddresses(
	store: Store,
	pages = KEY,
): Promise<Array<{ address: string; name: string }>> {
	const all = await settingsUnder(store.db, pages);
	return all.flatMap(({ value }) => {
		const read = kept.safeParse(JSON.parse(value));
		return read.success ? [read.data] : [];
	});
}
