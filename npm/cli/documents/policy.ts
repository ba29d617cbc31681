import { Type } from 'typebox'
import { document, documentProblem, text, texts } from './parts.js'

const read = {
  source: text('the file, or the job whose policy it is'),
  hash: text('over what it means: two texts that mean the same hash the same'),
}

export const explanationDocument = document('portreeve.explanation/1', 'A policy in words.', {
  ...read,
  lines: texts('a sentence or two each: what is touched, what protects everything, and every rule'),
})

export const policyDocument = document('portreeve.policy/1', 'A policy that is well-formed; one that is not is an error, whose `details` are all of its problems.', {
  ...read,
  warnings: Type.Array(documentProblem, { description: 'allowed, and seldom meant: rules that can never match' }),
  unsupported: Type.Array(documentProblem, { description: 'understood, and not carried out by this release' }),
})
