import type { InputProps, Inputs } from '../types';
import { asText } from '../values';
import { DayInput } from './DayInput';
import { DaysFilter, RangeOr, takesDays } from './filters';
import { frameProps } from './frame';

const Input = (props: InputProps) => <DayInput frame={frameProps(props)} value={asText(props.value)} onChange={props.onChange} />;

export const date: Inputs = { Input, Filter: (props) => (takesDays(props.operator) ? <DaysFilter {...props} /> : <RangeOr {...props} Input={Input} />) };
