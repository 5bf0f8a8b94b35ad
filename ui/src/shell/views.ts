import type { Component } from 'svelte';
import type { ViewName } from '../state/navigation.svelte';
import CompareView from '../features/compare/CompareView.svelte';
import ConversationView from '../features/conversation/ConversationView.svelte';
import ConversationsView from '../features/conversations/ConversationsView.svelte';
import EvidenceView from '../features/evidence/EvidenceView.svelte';
import FindingsView from '../features/findings/FindingsView.svelte';
import FlowsView from '../features/flows/FlowsView.svelte';
import ReportView from '../features/report/ReportView.svelte';
import SqlView from '../features/sql/SqlView.svelte';
import StartView from '../features/start/StartView.svelte';
import TransactionsView from '../features/transactions/TransactionsView.svelte';

export const VIEW_COMPONENTS: Record<ViewName, Component> = {
  start: StartView,
  flows: FlowsView,
  conversations: ConversationsView,
  conversation: ConversationView,
  transactions: TransactionsView,
  findings: FindingsView,
  evidence: EvidenceView,
  report: ReportView,
  sql: SqlView,
  compare: CompareView,
};

export const VIEW_TITLES: Record<ViewName, string> = {
  start: 'Start',
  flows: 'Flows',
  conversations: 'Conversations',
  conversation: 'Conversation',
  transactions: 'Transactions',
  findings: 'Findings',
  evidence: 'Evidence',
  report: 'Report',
  sql: 'SQL',
  compare: 'Compare',
};
