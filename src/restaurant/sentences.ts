import type { ClipName } from '../../machines/call-protocol.ts';
import { byLanguage } from './by-language.ts';
import type { Profile } from './profile.ts';

/**
 * Sentences that every call in this language may need, rendered to audio when the server starts.
 * In a language that none are written for, they are English; the greeting is the profile's own where
 * it has one.
 */
export function sentences(
  profile: Pick<Profile, 'name' | 'languages'>,
  language: string,
): Record<ClipName, string> {
  const greeting =
    profile.languages[language]?.greeting ?? byLanguage(GREETINGS, language)(profile.name);
  return { greeting, ...byLanguage(SENTENCES, language) };
}

/** Each says that it is no person: callers have a right to know, in the EU by law. */
const GREETINGS = {
  en: (name: string) =>
    `Thank you for calling ${name}. This is the automatic assistant. How can I help you?`,
  de: (name: string) =>
    `Vielen Dank für Ihren Anruf bei ${name}. Hier spricht der automatische Assistent. Wie kann ich Ihnen helfen?`,
  fr: (name: string) =>
    `Bonjour, vous êtes bien chez ${name}. Je suis l’assistant automatique. Comment puis-je vous aider ?`,
  es: (name: string) =>
    `Gracias por llamar a ${name}. Soy el asistente automático. ¿En qué puedo ayudarle?`,
  it: (name: string) =>
    `Grazie per aver chiamato ${name}. Sono l’assistente automatico. Come posso aiutarla?`,
};

const SENTENCES: Record<
  'en' | 'de' | 'fr' | 'es' | 'it',
  Record<Exclude<ClipName, 'greeting'>, string>
> = {
  en: {
    cutOff: 'Sorry, we were cut off for a moment.',
    cutOffYou: 'Sorry, we were cut off for a moment. You were saying?',
    filler: 'One moment, please.',
    checking: 'One moment, I am looking that up.',
    patience: 'Sorry, this is taking a little longer than usual. Please stay with me.',
    apology: 'Sorry, I did not get that. Could you say it again, please?',
    reprompt: 'Are you still there?',
    goodbye: 'I will end the call now. Thank you for calling. Goodbye.',
    outOfTime: 'I am sorry, we have reached the time limit for this call. Thank you, and goodbye.',
    farewell: 'Thank you for calling. Goodbye.',
    handoff: 'One moment, I will connect you with a colleague.',
    nobodyThere:
      'I am sorry, nobody can take over the call just now. Please leave a message after the tone.',
    movingOn: 'One moment, please.',
  },
  de: {
    cutOff: 'Entschuldigung, die Verbindung war kurz unterbrochen.',
    cutOffYou: 'Entschuldigung, die Verbindung war kurz unterbrochen. Was sagten Sie gerade?',
    filler: 'Einen Moment, bitte.',
    checking: 'Einen Moment, ich sehe nach.',
    patience: 'Entschuldigung, das dauert etwas länger als sonst. Bitte bleiben Sie dran.',
    apology: 'Entschuldigung, das habe ich nicht verstanden. Könnten Sie es bitte wiederholen?',
    reprompt: 'Sind Sie noch da?',
    goodbye: 'Ich beende jetzt das Gespräch. Vielen Dank für Ihren Anruf. Auf Wiederhören.',
    outOfTime:
      'Es tut mir leid, die Zeit für dieses Gespräch ist um. Vielen Dank und auf Wiederhören.',
    farewell: 'Vielen Dank für Ihren Anruf. Auf Wiederhören.',
    handoff: 'Einen Moment, ich verbinde Sie mit unserem Team.',
    nobodyThere:
      'Es tut mir leid, gerade kann niemand das Gespräch übernehmen. Bitte hinterlassen Sie nach dem Ton eine Nachricht.',
    movingOn: 'Einen Moment, bitte.',
  },
  fr: {
    cutOff: 'Excusez-moi, nous avons été coupés un instant.',
    cutOffYou: 'Excusez-moi, nous avons été coupés un instant. Vous disiez ?',
    filler: 'Un instant, s’il vous plaît.',
    checking: 'Un instant, je vérifie.',
    patience:
      'Excusez-moi, cela prend un peu plus de temps que d’habitude. Restez en ligne, s’il vous plaît.',
    apology: 'Excusez-moi, je n’ai pas compris. Pouvez-vous répéter, s’il vous plaît ?',
    reprompt: 'Êtes-vous toujours là ?',
    goodbye: 'Je vais mettre fin à l’appel. Merci de votre appel. Au revoir.',
    outOfTime: 'Je suis désolé, la durée maximale de cet appel est atteinte. Merci et au revoir.',
    farewell: 'Merci de votre appel. Au revoir.',
    handoff: 'Un instant, je vous mets en relation avec un collègue.',
    nobodyThere:
      'Je suis désolé, personne ne peut prendre l’appel pour le moment. Veuillez laisser un message après le bip.',
    movingOn: 'Un instant, s’il vous plaît.',
  },
  es: {
    cutOff: 'Disculpe, se ha cortado un momento.',
    cutOffYou: 'Disculpe, se ha cortado un momento. ¿Qué me decía?',
    filler: 'Un momento, por favor.',
    checking: 'Un momento, lo estoy comprobando.',
    patience: 'Disculpe, está tardando un poco más de lo habitual. No cuelgue, por favor.',
    apology: 'Disculpe, no le he entendido. ¿Puede repetirlo, por favor?',
    reprompt: '¿Sigue ahí?',
    goodbye: 'Voy a finalizar la llamada. Gracias por llamar. Adiós.',
    outOfTime: 'Lo siento, hemos llegado al tiempo máximo de esta llamada. Gracias y adiós.',
    farewell: 'Gracias por llamar. Adiós.',
    handoff: 'Un momento, le paso con un compañero.',
    nobodyThere:
      'Lo siento, en este momento nadie puede atender la llamada. Por favor, deje un mensaje después de la señal.',
    movingOn: 'Un momento, por favor.',
  },
  it: {
    cutOff: 'Mi scusi, è caduta la linea per un attimo.',
    cutOffYou: 'Mi scusi, è caduta la linea per un attimo. Cosa mi stava dicendo?',
    filler: 'Un momento, per favore.',
    checking: 'Un momento, sto controllando.',
    patience: 'Mi scusi, ci vuole un po’ più del solito. Resti in linea, per favore.',
    apology: 'Mi scusi, non ho capito. Può ripetere, per favore?',
    reprompt: 'È ancora in linea?',
    goodbye: 'Ora chiudo la chiamata. Grazie per aver chiamato. Arrivederci.',
    outOfTime:
      'Mi dispiace, abbiamo raggiunto il tempo massimo per questa chiamata. Grazie e arrivederci.',
    farewell: 'Grazie per aver chiamato. Arrivederci.',
    handoff: 'Un momento, la metto in contatto con un collega.',
    nobodyThere:
      'Mi dispiace, al momento nessuno può rispondere. Lasci un messaggio dopo il segnale acustico.',
    movingOn: 'Un momento, per favore.',
  },
};
