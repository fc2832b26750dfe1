/** Import CSV: a file of persons into the register; what was refused leaves by the second output, row by row. */
import { z } from 'zod/v4';
import { type Progress, StepProblem } from '../../core/ports';
import { NATIONAL_REGISTER } from '../../core/register/consents';
import { type ImportResult, importPersons } from '../../core/register/import/csv';
import { csvFile } from '../../core/register/import/file';
import {
	type ImportMapping,
	listMappings,
	loadMapping,
	readMapping,
	saveMapping,
} from '../../core/register/import/headings';
import { type Organisation, organisationOf } from '../../core/register/organisation';
import type { Choice, Given, Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';

export const importForm = {
	csvFrom: z.enum(['content', 'file']).default('content'),
	content: z.union([z.string(), z.instanceof(Uint8Array)]).default(''),
	filePath: z.string().trim().default(''),
	mapping: z.string().trim().default(''),
	columns: z
		.object({
			column: z.array(z.object({ heading: z.string().trim(), place: z.string().trim() })).default([]),
		})
		.default({ column: [] }),
	saveMappingAs: z.string().trim().default(''),
	reservationsFrom: z.enum(['own', 'national']).default('own'),
	emptyCells: z.enum(['keep', 'clear']).default('keep'),
};
type Form = z.infer<z.ZodObject<typeof importForm>>;

export const importChoices = {
	async mappings(ctx: StepContext): Promise<Choice[]> {
		const names = await listMappings(await ctx.store());
		return [{ name: 'None', value: '' }, ...names.map((name) => ({ name, value: name }))];
	},
};

export async function importCsv(ctx: StepContext, items: ReadonlyArray<Given<Form>>): Promise<Outputs> {
	const store = await ctx.store();
	const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const done: Out[] = [];
	const refused: Out[] = [];
	for (const { params, index } of items) {
		const outcome = await importOne(ctx, store, organisation, params).catch((cause: unknown) =>
			ofItem(cause, index),
		);
		if (outcome instanceof StepProblem) {
			if (!ctx.continueOnFail) throw outcome;
			done.push({ json: {}, from: index, problem: outcome });
			continue;
		}
		ctx.hint(said(outcome));
		const { refused: rows, ...summary } = outcome;
		done.push({ json: { import: { ...summary } }, from: index });
		for (const row of rows) refused.push({ json: { ...row }, from: index });
	}
	return [done, refused];
}

async function importOne(
	ctx: StepContext,
	store: Store,
	organisation: Organisation,
	params: Form,
): Promise<ImportResult> {
	const mapping = await mappingOf(store, params);
	const content = params.csvFrom === 'file' ? await csvFile(pathOf(params)) : contentOf(params);
	return importPersons(store, ctx.clock, content, {
		organisation,
		mapping,
		clearEmpty: params.emptyCells === 'clear',
		...(params.reservationsFrom === 'national' ? { source: NATIONAL_REGISTER } : {}),
		progress: everyThousand(ctx.progress),
	});
}

/** What the user can put right concerns this item; anything else goes on as it is. */
function ofItem(cause: unknown, item: number): Promise<StepProblem> {
	if (!(cause instanceof StepProblem))
		return Promise.reject(cause instanceof Error ? cause : new Error(String(cause)));
	return Promise.resolve(new StepProblem(cause.message, { ...cause.details, item }));
}

async function mappingOf(store: Store, params: Form): Promise<ImportMapping> {
	const saved = params.mapping ? await loadMapping(store, params.mapping) : {};
	const own = Object.fromEntries(params.columns.column.map(({ heading, place }) => [heading, place]));
	const mapping = readMapping({ ...saved, ...own });
	if (params.saveMappingAs)
		await store.write((writing) => saveMapping(writing, params.saveMappingAs, mapping));
	return mapping;
}

function pathOf({ filePath }: Form): string {
	if (filePath === '') {
		throw new StepProblem('‘File Path’ is empty.', {
			field: 'File Path',
			hint: 'Give the path of the CSV file.',
		});
	}
	return filePath;
}

function contentOf({ content }: Form): string | Buffer {
	if (content.length === 0) {
		throw new StepProblem('‘Content’ is empty.', {
			field: 'Content',
			hint: 'Give the text of the CSV file, or choose to read a file.',
		});
	}
	return typeof content === 'string'
		? content
		: Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

function everyThousand(progress: Progress): Progress {
	let said = 0;
	return (done, total, what) => {
		if (done - said < 1000) return;
		said = done;
		progress(done, total, what);
	};
}

function said({ rows, added, changed, unchanged, refusedCount }: ImportResult): string {
	return `${rows} rows: ${added} added, ${changed} changed, ${unchanged} unchanged, ${refusedCount} refused.`;
}
