/// <reference lib="esnext.disposable" preserve="true" />

// some browsers do not have it yet; the method is then there under a key that `await using`, once
// compiled for them, finds
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')
