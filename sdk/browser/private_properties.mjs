/**
 * Property names that are ours alone and may be shortened by the build: never on the wire, never in the public API
 * or its options, never a browser's, and never passed between the main script and the recorder.
 * Names that end in a unit (`startMs`, `loadingTimeNs`) are ours by convention.
 */
export const PRIVATE_PROPERTIES =
  /(Ms|Ns)$|^(whenQuiet|views|globalContext|actionIdsAt|isRecorded|countDrop|allows|reacted|selectedOrScrolled|counts|finishNow|clicks|idsAt|hub|emit|activity|certainty|isMarked|stopWatching|statsOf|currentView|isOurs|loadingType|documentVersion|timings|extra|addFields|manual|replayStats|replaySampled|traceId|spanId|userId|sendWithin|sendAllNow|preparing|maxBytes|maxItems|putBack|keepAlive|forceReplay|forget|anonymousId|forcedReplay|sessions|answers|reactions|sampled|via|sessionId_|isInside|handlingStack|door|queue|batch|lenient|fallback|check|must|required|details|history|options|load|tell|items|own|names|addFlag|flags|wake|isKnown|begin|facts|contentType|xhr|trace|endReason|fields|timer|retry|current|touch|change|slowest|outlives|pageStates|serverUrl|pluginTools|setConsent|keepIn|isMortal|onErrorSampled|worst|setLoadingTime|wantBatch|largest|texts|closed|soon|accept|bags|base|lost|take|put|sum|copies|isLeft|told|chunk|fail|cancel|read|write|send|on|event|all|segment|wire|behind|sizeBytes|isAborted)$/;
