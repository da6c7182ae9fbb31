/**
 * What the functions of a model may not do, as far as it can be seen in their text (engine/step.ts). The
 * engine says most of it when it runs them; this says it before, and where nothing runs it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const WORDS = new Set(['step', 'local', 'when', 'choose', 'call', 'again', 'detail', 'fails'])
const CHANGES = new Set(
  'push pop shift unshift splice sort reverse fill copyWithin set add delete clear'.split(' '),
)
const isFunction = (node) =>
  node.type === 'FunctionDeclaration' ||
  node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression'
/** The function whose text a node stands in. */
function functionOf(node) {
  let at = node.parent
  while (at != null && !isFunction(at)) at = at.parent
  return at ?? undefined
}
const inGenerator = (node) => functionOf(node)?.generator === true

/** The step word that a function is an argument of, or undefined. */
function wordOf(fn) {
  const { parent } = fn
  if (parent?.type !== 'CallExpression' || !parent.arguments.includes(fn)) return undefined
  const { callee } = parent
  return callee.type === 'Identifier' && WORDS.has(callee.name) ? callee.name : undefined
}
/** The outermost function around a node that is given to a step word. */
function stepAround(node) {
  for (let at = functionOf(node); at !== undefined; at = functionOf(at))
    if (wordOf(at) !== undefined) return at
  return undefined
}

/** Taken by `yield*`, perhaps through a choice between several. */
function isTaken(node) {
  let at = node
  while (
    [
      'ConditionalExpression',
      'LogicalExpression',
      'ParenthesizedExpression',
      'TSAsExpression',
    ].includes(at.parent?.type)
  )
    at = at.parent
  return at.parent?.type === 'YieldExpression' && at.parent.delegate
}

/** Names of the generator functions of a file, by a look at its text. */
const known = new Map()
function generatorsIn(path) {
  if (known.has(path)) return known.get(path)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const names = new Set([...text.matchAll(/\bfunction\s*\*\s*(\w+)/g)].map(([, name]) => name))
  known.set(path, names)
  return names
}

const takeEveryStep = {
  create(context) {
    const generators = new Set(WORDS)
    const methods = new Set()
    return {
      Program(program) {
        for (const node of program.body) {
          if (node.type === 'ImportDeclaration' && node.source.value.startsWith('.')) {
            const there = generatorsIn(resolve(dirname(context.filename), node.source.value))
            for (const it of node.specifiers)
              if (it.type === 'ImportSpecifier' && there.has(it.imported.name))
                generators.add(it.local.name)
          }
          const own = node.type === 'ExportNamedDeclaration' ? node.declaration : node
          if (own?.type === 'FunctionDeclaration' && own.generator) generators.add(own.id.name)
          if (own?.type !== 'ClassDeclaration') continue
          for (const it of own.body.body)
            if (it.type === 'MethodDefinition' && it.value.generator) methods.add(it.key.name)
        }
      },
      CallExpression(node) {
        if (!inGenerator(node) && stepAround(node) === undefined) return
        const { callee } = node
        const isOwn =
          callee.type === 'MemberExpression' &&
          (callee.object.type === 'ThisExpression' || callee.object.type === 'Super')
        const name = callee.type === 'Identifier' ? callee.name : isOwn ? callee.property.name : ''
        const isStep = isOwn ? methods.has(name) : generators.has(name)
        const isBare = node.parent.type === 'ExpressionStatement'
        // In a generator a call whose result is dropped does nothing, whatever method it is of.
        if (!(isStep || (isOwn && isBare && inGenerator(node)))) return
        if (isTaken(node) && inGenerator(node)) return
        const says = isOwn ? context.sourceCode.getText(callee) : name
        context.report({
          node,
          message: inGenerator(node)
            ? `${says}(...) is made and not taken: write yield* in front of it.`
            : `${says}(...) inside a step: a step is done at once and cannot take another. Take it in the function, with yield*.`,
        })
      },
      YieldExpression(node) {
        if (!node.delegate)
          context.report({ node, message: 'yield hands over no step here: write yield*.' })
      },
    }
  },
}

/** Names that a function declares, its parameters and those of the functions in it. */
function declaredIn(node, names = new Set()) {
  if (node === null || typeof node !== 'object') return names
  if (Array.isArray(node)) {
    for (const it of node) declaredIn(it, names)
    return names
  }
  if (node.type === 'VariableDeclarator') patternNames(node.id, names)
  if (isFunction(node)) for (const it of node.params) patternNames(it, names)
  for (const key of Object.keys(node)) if (key !== 'parent') declaredIn(node[key], names)
  return names
}
function patternNames(node, names) {
  if (node == null) return
  if (node.type === 'Identifier') names.add(node.name)
  else if (node.type === 'AssignmentPattern') patternNames(node.left, names)
  else if (node.type === 'RestElement') patternNames(node.argument, names)
  else if (node.type === 'ArrayPattern') for (const it of node.elements) patternNames(it, names)
  else if (node.type === 'ObjectPattern')
    for (const it of node.properties) patternNames(it.value ?? it.argument, names)
}
/** What a target of an assignment begins with. */
function rootOf(node) {
  let at = node
  for (;;)
    if (at.type === 'MemberExpression') at = at.object
    else if (at.type === 'TSNonNullExpression' || at.type === 'TSAsExpression') at = at.expression
    else return at
}

const nothingLeftBehind = {
  create(context) {
    const own = new WeakMap()
    const check = (node, target) => {
      const step = stepAround(node)
      const root = rootOf(target)
      if (root.type === 'ThisExpression' && (step !== undefined || inGenerator(node)))
        return context.report({
          node,
          message: `${context.sourceCode.getText(target)} is kept in the design and so in no state: declare a field in "fields".`,
        })
      if (step === undefined || root.type !== 'Identifier') return undefined
      if (!own.has(step)) own.set(step, declaredIn(step))
      if (own.get(step).has(root.name)) return undefined
      return context.report({
        node,
        message: `The step leaves something in ${root.name}, which lies outside it: states that differ in it alone are taken for one. Let the step return what it saw, or keep it in a field.`,
      })
    }
    return {
      AssignmentExpression: (node) => check(node, node.left),
      UpdateExpression: (node) => check(node, node.argument),
      CallExpression(node) {
        const { callee } = node
        if (callee.type !== 'MemberExpression' || !CHANGES.has(callee.property.name)) return
        if (stepAround(node) !== undefined) check(node, callee.object)
      },
    }
  },
}

const CLOCKS = new Set(['Math.random', 'Date.now', 'performance.now', 'process.hrtime'])
const noClocks = {
  create(context) {
    const refuse = (node, name) =>
      context.report({
        node,
        message: `${name} answers otherwise each time: let the environment pick with choose(), or count in a field.`,
      })
    return {
      MemberExpression(node) {
        const name = context.sourceCode.getText(node)
        if (CLOCKS.has(name)) refuse(node, `${name}()`)
      },
      NewExpression(node) {
        if (node.callee.name === 'Date' && node.arguments.length === 0) refuse(node, 'new Date()')
      },
    }
  },
}

const labels = {
  create(context) {
    return {
      CallExpression(node) {
        const { callee, arguments: given } = node
        if (callee.type !== 'Identifier' || !WORDS.has(callee.name)) return
        if (callee.name === 'call') return
        const [label] = given
        if (label?.type === 'Literal' && String(label.value).trim() === '')
          context.report({
            node,
            message: 'A step has a label: the kernel statement it stands for.',
          })
      },
    }
  },
}

const LOOPS = new Set(['ForStatement', 'WhileStatement', 'DoWhileStatement', 'ForOfStatement'])
/** The innermost loop around a node, inside its function. */
function loopAround(node) {
  for (let at = node.parent; at != null && !isFunction(at); at = at.parent)
    if (LOOPS.has(at.type)) return at
  return undefined
}
/** What a round learns is forgotten where it begins with again(): nothing may be left for the next one. */
const roundsForget = {
  create(context) {
    const forgetting = []
    const assigned = []
    const seen = new WeakMap()
    return {
      CallExpression(node) {
        if (node.callee.type !== 'Identifier' || node.callee.name !== 'again') return
        const [label] = node.arguments
        const fn = functionOf(node)
        const labels = seen.get(fn) ?? new Set()
        seen.set(fn, labels)
        if (label?.type === 'Literal' && labels.has(label.value))
          context.report({
            node,
            message: `Two loops of one function begin with again('${label.value}'): they would be taken for one. Label each with its own head.`,
          })
        if (label?.type === 'Literal') labels.add(label.value)
        const loop = loopAround(node)
        if (loop === undefined)
          context.report({ node, message: 'again() stands first in the body of a loop.' })
        else forgetting.push(loop)
      },
      AssignmentExpression: (node) => assigned.push([node, node.left]),
      UpdateExpression: (node) => assigned.push([node, node.argument]),
      'Program:exit'() {
        for (const [node, target] of assigned) {
          const root = rootOf(target)
          if (root.type !== 'Identifier' || stepAround(node) !== undefined) continue
          const loop = forgetting.find(
            (it) => it.range[0] <= node.range[0] && node.range[1] <= it.range[1],
          )
          if (loop === undefined || declaredIn(loop.body).has(root.name)) continue
          context.report({
            node,
            message: `${root.name} is changed for the next round, and a round that begins with again() starts from what was known when the loop was reached: keep it in a field, or bound the loop by the scope and leave again() out.`,
          })
        }
      },
    }
  },
}

export default {
  meta: { name: 'steps' },
  rules: {
    'take-every-step': takeEveryStep,
    'nothing-left-behind': nothingLeftBehind,
    'no-clocks': noClocks,
    labels,
    'rounds-forget': roundsForget,
  },
}
