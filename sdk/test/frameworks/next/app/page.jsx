'use client';
import { Component, useState } from 'react';
import { captureException } from 'playhead';

class Boundary extends Component {
  state = {};
  static getDerivedStateFromError() { return { isBroken: true }; }
  componentDidCatch(error, info) { captureException(error, { componentStack: info.componentStack }); }
  render() { return this.state.isBroken ? <p>Caught</p> : this.props.children; }
}

function Total({ cart }) { return <p>{cart.total}</p>; }

function Shop() {
  const [cart, setCart] = useState({ total: 1 });
  return <main><button onClick={() => setCart(undefined)}>Break</button><Total cart={cart} /></main>;
}

export default function Page() { return <Boundary><Shop /></Boundary>; }
