/** Texts of the first steps. */
export const onboarding = {
  'onboarding.title': 'First steps',
  'onboarding.lead': '{done} of {total} done. Each step is ticked by what is in your workspace.',
  'onboarding.allDone': 'Everything is done. You can come back here at any time.',
  'onboarding.hideAtStart': 'Hide on the start page',
  'onboarding.showAtStart': 'Show on the start page',
  'onboarding.sample': 'Sample data',
  'onboarding.sampleHint': 'Sample records nobody changed are removed. Those you worked on stay.',
  'onboarding.sampleRemove': 'Remove sample data',
  'onboarding.sampleTitle': 'Remove the sample data?',
  'onboarding.sampleBody': 'Sample records nobody changed are deleted for good. Records you worked on stay and are listed afterwards.',
  'onboarding.sampleRemoved': '{count, plural, one {# sample record was removed.} other {# sample records were removed.}}',
  'onboarding.sampleKept': '{count, plural, one {# record stays, because somebody worked on it or another record needs it:} other {# records stay, because somebody worked on them or other records need them:}}',
} as const;
export default onboarding;
