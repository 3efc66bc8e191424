/** Opens an issuer: the engine over a store, with the pools that it is to have. */
export function open(options?: Options): Promise<OpenIssuer>;

export interface Options {
	/** Pools and app clients with ids of your choice, made unless they are there. */
	pools?: Pool[];
	/** Where everything is kept; in memory by default. */
	store?: Store;
	/** Where the endpoint is, without a slash at the end: the base of issuers and documents. */
	baseUrl?: string;
	/** The issuer of tokens; `{base}`, `{region}` and `{pool}` are filled in. Default: `{base}/{pool}`. */
	issuer?: string;
	/** The region of pools made without a signature that names one. Default: `us-east-1`. */
	region?: string;
	/** The account in ARNs: twelve digits. */
	accountId?: string;
	/** Takes a message that would leave by e-mail or SMS. Where it throws or rejects, the message was not delivered. */
	onMessage?(message: Message): unknown;
	/** Answers a trigger with the event, `response` filled in; what it throws refuses the request, and its text is told. */
	ask?(call: { trigger: string; function: string; event: any }): unknown;
	/**
	 * Makes outbound exchanges; the `fetch` of the page will do. None by default. `reach` is `public` where an administrator of a pool
	 * or an identity provider named the address, which is then to be a public one.
	 */
	fetch?(url: string, init: RequestInit, reach: 'operator' | 'public'): Promise<Response>;
	/** The module, where it cannot lie beside the JavaScript: bytes, a Response, a URL, a WebAssembly.Module. */
	wasm?: ModuleSource | Promise<ModuleSource>;
	/** The time in milliseconds since 1970; for tests. */
	now?(): number;
	/** 32 random bytes a request; for tests. Never the same twice over one store. */
	seed?(): Uint8Array;
}

export type ModuleSource = CompiledModule | ArrayBuffer | ArrayBufferView | Response | URL;

/** `WebAssembly.Module`, where the program's types have it: Node's have not. */
export type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : object;

export interface Pool {
	/** A region, an underscore, and letters and digits. */
	id: string;
	/** The members of CreateUserPool. */
	settings?: object;
	clients?: {
		id: string;
		/** The members of CreateUserPoolClient. */
		settings?: object;
	}[];
}

export interface Message {
	id: string;
	pool: string;
	user: string;
	/** The address or number. */
	to: string;
	medium: 'EMAIL' | 'SMS';
	/** As message triggers call it: `SignUp`, `ForgotPassword`, `Authentication` and so on. */
	purpose: string;
	/** The code or temporary password, also contained in `message`. */
	code: string;
	subject: string | null;
	message: string;
}

/** An issuer without HTTP around it. */
export class Issuer {
	constructor(options?: Omit<Options, 'pools'>);
	/** Binds the store to this issuer and makes pools. */
	start(pools: Pool[]): Promise<void>;
	/** Calls an operation by its name, as an administrator; an error has the name that the service gives it. */
	call(operation: string, request?: object): Promise<any>;
	/** One round of what the engine does between requests; whether more is left to do at once. Every few seconds is enough. */
	upkeep(): Promise<boolean>;
}

export interface OpenIssuer extends Issuer {
	/** Answers a request as the endpoint of the service does, and the documents below `/{pool}/.well-known/`. */
	handle(request: Request): Promise<Response>;
}

/**
 * Versioned entries that are written in batches, all or nothing. `MemoryStore` is short, and all that has to be kept.
 *
 * A method that rejects says that nothing of the call took effect.
 */
export interface Store {
	/** 32 random bytes that the store draws once and keeps: every secret in it is sealed under them. */
	rootKey(): Promise<Uint8Array>;
	/** The entries of these keys in the order asked, `null` where there is none; ended ones may still be among them. */
	load(keys: Uint8Array[]): Promise<(Entry | null)[]>;
	/** At most `limit` entries whose keys begin with the prefix and come after `after`, in the order of their keys' bytes. */
	page(request: { prefix: Uint8Array; after: Uint8Array | null; limit: number }): Promise<[Uint8Array, Entry][]>;
	/**
	 * Makes all writes of a batch, or none where one does not meet what it expects (`conflict`). A batch whose token has landed in the
	 * last ten minutes is `committed` and changes nothing. `unknown` where it may have landed: the same batch comes again.
	 */
	commit(batch: Batch): Promise<'committed' | 'conflict' | 'unknown'>;
	/** Removes at most `max` entries and tokens that ended at or before `now`; how many. */
	sweep(now: number, max: number): Promise<number>;
}

export interface Entry {
	value: Uint8Array;
	/** Of the store's choice, another with every put: for its key it never comes again, not even after a removal. */
	version: number;
	/** When the entry ends, in milliseconds since 1970. */
	expires: number | null;
}

export interface Batch {
	/** 16 bytes, the batch's name. */
	token: Uint8Array;
	/** In milliseconds since 1970. */
	now: number;
	/** Each key at most once. A write puts, removes or only checks. */
	writes: {
		key: Uint8Array;
		/** The version that is expected, or null where no entry is. */
		at: number | null;
		put?: { value: Uint8Array; expires: number | null };
		remove?: true;
		check?: true;
	}[];
}

/** A store that ends with the page. */
export class MemoryStore implements Store {
	rootKey(): Promise<Uint8Array>;
	load(keys: Uint8Array[]): Promise<(Entry | null)[]>;
	page(request: { prefix: Uint8Array; after: Uint8Array | null; limit: number }): Promise<[Uint8Array, Entry][]>;
	commit(batch: Batch): Promise<'committed' | 'conflict'>;
	sweep(now: number, max: number): Promise<number>;
}

/** A store in IndexedDB, which the pages and workers of an origin share. */
export class IndexedDbStore implements Store {
	constructor(name?: string);
	rootKey(): Promise<Uint8Array>;
	load(keys: Uint8Array[]): Promise<(Entry | null)[]>;
	page(request: { prefix: Uint8Array; after: Uint8Array | null; limit: number }): Promise<[Uint8Array, Entry][]>;
	commit(batch: Batch): Promise<'committed' | 'conflict'>;
	sweep(now: number, max: number): Promise<number>;
	/** Removes the store with everything in it. */
	clear(): Promise<void>;
}
