/** What every control of a form can do. */
import type { Field } from '../form/form';
import type { Values } from '../form/values';

export interface Control {
	field: Field;
	/** Everything of the field: label, input, hint. */
	element: JQuery;
	/** As it goes into `params`; undefined when nothing was entered. */
	read(): unknown;
	/** Shows or hides what depends on other values. */
	refresh(): void;
}

/** A form or one row of it: where a field's neighbours are found. */
export interface Scope {
	/** Values of the whole form. */
	root(): Values;
	/** Values beside the field. */
	beside(): Values;
	/** Where choices come from: a dropdown asks anew when it is another store or account. */
	source(): string;
	/** Element ids by which Node-RED itself saves the values; only in config nodes. */
	idPrefix?: string;
	/** To be called when a value has changed. */
	changed(): void;
	/** Asks the step for a dropdown's choices. */
	choices(
		method: string,
		beside: Values,
	): Promise<Array<{ name: string; value: string; description?: string }>>;
}
