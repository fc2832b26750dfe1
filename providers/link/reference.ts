/**
 * `referenceId` of a message: which store and which dispatch. LINK returns it in the delivery report, so that a report
 * finds its dispatch even when the answer to the sending was lost. The mark keeps a report that belongs to another
 * store on the same account (a test system) from settling a dispatch of ours.
 */
export function referenceOf(mark: string, dispatchId: number): string {
	return `mj-${mark}-${dispatchId}`;
}

export function dispatchOf(mark: string, reference: string | null | undefined): number | undefined {
	const found = /^mj-([0-9a-f]+)-(\d{1,15})$/.exec(reference ?? '');
	return found?.[1] === mark ? Number(found[2]) : undefined;
}
