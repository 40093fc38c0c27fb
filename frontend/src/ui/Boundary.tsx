import { Component, type ReactNode } from 'react';

import { ErrorState } from './states';

interface Props {
  children: ReactNode;
  /** Changing it clears the error: give the address or the id of what is shown. */
  resetKey?: string;
  compact?: boolean;
  onRetry?: () => void;
}

/** An error below stays in this box; the rest of the page keeps working. */
export class Boundary extends Component<Props, { error: unknown }> {
  state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  componentDidUpdate(before: Props) {
    if (before.resetKey !== this.props.resetKey && this.state.error) this.setState({ error: null });
  }

  render() {
    if (!this.state.error) return this.props.children;
    const retry = () => {
      this.props.onRetry?.();
      this.setState({ error: null });
    };
    return <ErrorState error={this.state.error} onRetry={retry} compact={this.props.compact} />;
  }
}
