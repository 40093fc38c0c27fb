/** Seeded records of the mock API: the same on every start. */
import type { RecordData, Ref } from '@/api/types';
import { entities } from './model';

const FIRST = ['Ana', 'Ben', 'Chiara', 'Dmitri', 'Elif', 'Frida', 'Georgi', 'Hanna', 'Ivan', 'Jonas', 'Karin', 'Liam', 'Mira', 'Noah', 'Olga', 'Petra'];
const LAST = ['Andersson', 'Becker', 'Castellano', 'Dimitrova', 'Eriksen', 'Fischer', 'Georgieva', 'Hoffmann', 'Ivanov', 'Jensen', 'Keller', 'Lindqvist', 'Meyer', 'Novak'];
const COMPANY = ['Nordwind', 'Hafen', 'Alpen', 'Baltic', 'Silva', 'Kupfer', 'Merian', 'Orion', 'Pinta', 'Quell', 'Rosen', 'Stella', 'Tegel', 'Ulmen', 'Vega', 'Weser'];
const KIND = ['Logistik GmbH', 'Marine AB', 'Software OOD', 'Werkzeugbau KG', 'Foods Ltd', 'Medical AG', 'Yachts d.o.o.', 'Consulting'];
const CITY = ['Hamburg', 'Göteborg', 'Sofia', 'München', 'Rotterdam', 'Wien', 'Gdańsk', 'Aarhus'];

let seed = 7;
function random(): number {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
}
const any = <T>(list: T[]): T => list[Math.floor(random() * list.length)]!;
const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 22, 8);
const instant = (days: number) => new Date(START + days * DAY - Math.floor(random() * DAY)).toISOString().replace(/\.\d+Z/, 'Z');
const day = (days: number) => new Date(START + days * DAY).toISOString().slice(0, 10);
const id = (prefix: number, n: number) => `${String(prefix).padStart(8, '0')}-0000-7000-8000-${String(n).padStart(12, '0')}`;

export const tables: Record<string, RecordData[]> = {};

export const ref = (object: string, record: RecordData): Ref => {
  const entity = entities.find((entry) => entry.name === object)!;
  return { object, id: record.id, name: String(record[entity.primary_attribute]) };
};

function fill() {
  tables.user = ['Ana Berg', 'Ben Castellano', 'Elif Yılmaz', 'Georgi Petrov'].map((name, n) => ({
    id: id(1, n), version: 1, full_name: name, email: `${name.split(' ')[0]!.toLowerCase()}@example.com`, job_title: n ? 'Sales' : 'Head of sales', state: 'active', status_reason: 1, created_at: instant(-400), modified_at: instant(-10),
  }));
  tables.team = [{ id: id(2, 0), version: 1, name: 'Inside sales' }];
  tables.role = ['System administrator', 'Sales manager', 'Salesperson', 'Customer service representative'].map((name, n) => ({ id: id(3, n), version: 1, name }));
  tables.business_unit = [{ id: id(4, 0), version: 1, name: 'Nordwind Group' }];
  const owner = () => ref('user', any(tables.user!));
  const common = () => ({ version: 1 + Math.floor(random() * 4), owner: owner(), created_at: instant(-Math.floor(random() * 380)), modified_at: instant(-Math.floor(random() * 30)), created_by: owner() });

  tables.account = Array.from({ length: 240 }, (_, n) => ({
    id: id(10, n), name: n === 3 ? 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerk und Söhne' : `${any(COMPANY)} ${any(KIND)}`, number: `A-${1000 + n}`, industry: 1 + Math.floor(random() * 6),
    phone: `+49 40 ${Math.floor(1000000 + random() * 8999999)}`, website: `https://www.${any(COMPANY).toLowerCase()}.example`, email: `info@${any(COMPANY).toLowerCase()}.example`,
    annual_revenue: random() > 0.15 ? (random() * 9_000_000).toFixed(2) : null, employees: random() > 0.1 ? Math.floor(random() * 900) : null, parent: null, primary_contact: null,
    tags: random() > 0.6 ? [1 + Math.floor(random() * 4)] : [], city: any(CITY), country: 'Germany', credit_hold: random() > 0.9, description: null, state: 'active', status_reason: 1, ...common(),
  }));
  tables.contact = Array.from({ length: 400 }, (_, n) => {
    const [first, last] = [any(FIRST), any(LAST)];
    return {
      id: id(11, n), full_name: `${first} ${last}`, first_name: first, last_name: last, job_title: any(['Buyer', 'Managing director', 'Head of purchasing', 'Engineer', 'Assistant']),
      email: `${first}.${last}@${any(COMPANY)}.example`.toLowerCase(), phone: `+49 30 ${Math.floor(100000 + random() * 899999)}`, account: ref('account', any(tables.account!)), birthday: random() > 0.5 ? day(-Math.floor(9000 + random() * 9000)) : null,
      annual_income: null, masked: ['annual_income'], do_not_email: false, description: null, state: 'active', status_reason: 1, ...common(),
    };
  });
  tables.lead = Array.from({ length: 120 }, (_, n) => ({
    id: id(12, n), topic: any(['Interested in fleet tracking', 'Wants a demo', 'Trade fair contact', 'Asks for spare parts', 'Renewal of service contract']), first_name: any(FIRST), last_name: any(LAST), company: `${any(COMPANY)} ${any(KIND)}`,
    email: `lead${n}@example.com`, phone: null, rating: 1 + Math.floor(random() * 3), source: 1 + Math.floor(random() * 4), estimated_value: (random() * 60_000).toFixed(2), description: null, state: 'open', status_reason: 1, ...common(),
  }));
  tables.opportunity = Array.from({ length: 90 }, (_, n) => {
    const amount = (1000 + random() * 90_000).toFixed(2);
    const stage = 1 + Math.floor(random() * 5);
    const open = random() > 0.2;
    return {
      id: id(13, n), topic: `${any(['Fleet tracking', 'Service contract', 'Yacht refit', 'ERP roll-out', 'Spare parts'])} ${2026 + Math.floor(random() * 2)}`, customer: ref('account', any(tables.account!)), stage, estimated_revenue: amount,
      weighted_revenue: ((Number(amount) * stage) / 6).toFixed(2), probability: stage * 18, estimated_close_date: day(Math.floor(random() * 120) - 15), actual_revenue: open ? null : amount, actual_close_date: open ? null : day(-Math.floor(random() * 200)),
      rating: 1 + Math.floor(random() * 3), description: null, state: open ? 'open' : random() > 0.4 ? 'won' : 'lost', status_reason: open ? 1 : 3, ...common(),
    };
  });
  tables.task = Array.from({ length: 60 }, (_, n) => ({
    id: id(14, n), subject: any(['Call back', 'Send offer', 'Prepare meeting', 'Check delivery date', 'Follow up on quote']), regarding: ref('account', any(tables.account!)), due_at: instant(Math.floor(random() * 20) - 6), scheduled_start: null,
    duration: any([15, 30, 60, 90]), priority: 1 + Math.floor(random() * 3), description: null, state: 'open', status_reason: 1, ...common(),
  }));
  tables.product = ['Tracker One', 'Tracker Pro', 'Antenna 5 m', 'Service plan basic', 'Service plan plus', 'Installation'].map((name, n) => ({
    id: id(15, n), name, number: `P-${100 + n}`, list_price: (49 + n * 70).toFixed(2), quantity_on_hand: (n * 12).toFixed(2), weight: n * 0.35, picture: null, description: null, state: 'active', status_reason: 1, ...common(),
  }));
}

/** Put the data back to the start. */
export function resetData(): void {
  seed = 7;
  fill();
}
resetData();
