// The form by which a person says what the URL did not.

import { BadParameter, planOf, userOfThisTab } from './parameters.js';

export class FormView {
  // values: of readUrl(), filled in. onPlan(plan) is called when the form was sent and is good.
  constructor(form, values, onPlan) {
    this.form_ = form;
    this.notice_ = form.querySelector('.notice');
    this.fill_({ user: userOfThisTab(), ...values });
    form.addEventListener('change', () => this.showFields_());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit_(onPlan);
    });
    this.showFields_();
  }

  show(notice = '') {
    this.form_.hidden = false;
    this.notice_.textContent = notice;
    this.notice_.hidden = !notice;
  }

  hide() {
    this.form_.hidden = true;
  }

  fill_(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.form_.elements[name];
      if (field) field.value = value;
      if (['ice', 'token', 'policy', 'media'].includes(name))
        this.form_.querySelector('details').open = true;
    }
  }

  // Those of the chosen kind.
  showFields_() {
    const kind = this.form_.elements.kind.value;
    for (const label of this.form_.querySelectorAll('[data-for]'))
      label.hidden = label.dataset.for !== kind;
  }

  submit_(onPlan) {
    try {
      const plan = planOf(Object.fromEntries(new FormData(this.form_)));
      this.hide();
      onPlan(plan);
    } catch (error) {
      if (!(error instanceof BadParameter)) throw error;
      this.show(error.message);
    }
  }
}
