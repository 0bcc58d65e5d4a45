// The order of the page: the answer, how sure it is, why, what to do, then the evidence.

document.title = `turnout ${summary.run.scenario}: ${summary.verdict}`;
document.getElementById('report').append(
  ...[
    verdictView(),
    armsView(),
    networksView(),
    thresholdsView(),
    failuresView(),
    faultsView(),
    curvesView(),
    courseView(term('course', 'Over the course of the run'), data.arms.map((arm) => arm.turn), data.course),
    phasesView(),
    callsView(),
    serversView(),
    pathsView(),
    sessionsView(),
    healthView(),
    aboutView(),
    definitionsView(),
  ].filter((view) => view),
);
document.documentElement.dataset.drawn = 'yes';
