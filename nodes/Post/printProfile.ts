/** 21grams and other printing houses: files over SFTP. What they look like is our assumption. */
import { StepProblem } from '../../core/ports';
import { printSettings } from '../../providers/print/settings';
import { printTransfer } from '../../providers/print/transfer';
import { readSftpSettings } from '../../providers/sftp/settings';
import type { PrintProfile } from './profile';
import { lookAtStatusFiles, statusSettingsOf } from './statusFiles';

export const printProfile: PrintProfile = {
	provider: 'print',

	settings(params) {
		statusSettingsOf(params);
		const { manifest, pdfs, packing, folder, postage, enclosures, undeliverable, options } = params;
		const read = printSettings.safeParse({
			manifest,
			pdfs,
			packing,
			folder,
			postage,
			enclosures,
			undeliverable,
			tempSuffix: options.temporarySuffix || undefined,
			doneMarker: options.doneMarker,
		});
		if (read.success) return read.data;
		const [issue] = read.error.issues;
		if (issue?.path[0] === 'enclosures')
			throw new StepProblem("'Enclosures' is longer than 200 characters.", {
				field: 'Enclosures',
				hint: 'Agree on short names with the printing house.',
			});
		const field = issue?.path[0] === 'doneMarker' ? 'Done Marker' : 'Temporary Suffix';
		throw new StepProblem(`'${field}' ${issue?.message ?? 'is not valid'}.`, {
			field,
			hint: 'Write it like .part or .done.',
		});
	},

	async transfer({ ctx, settings, letters }) {
		return printTransfer({
			settings: printSettings.parse(settings),
			sftp: readSftpSettings(await ctx.credentials('sftpApi')),
			options: letters.options,
			specOf: (item) => letters.specOf(item),
		});
	},

	look: ({ ctx, store, stepId, params }) => lookAtStatusFiles(ctx, store, stepId, params),
};
