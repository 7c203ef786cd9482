import { byLanguage } from './by-language.ts';

/** What Twilio's own voice says to callers while no agent is on the line. They may follow one another. */
export interface CallSentences {
  /** The assistant cannot take the call. */
  busy: string;
  /** It could, but something broke. */
  somethingWrong: string;
  callAgainLater: string;
  /** Before a person is dialled. */
  connecting: string;
  /** Before the tone. */
  leaveMessage: string;
  /** The same, of somebody whom nobody has served. */
  leaveCallBack: string;
  /** Nobody can be dialled, or nobody answered. */
  nobodyAnswers: string;
  thanksForMessage: string;
}

/** In a language that none are written for, they are English. */
export function callSentences(language: string): CallSentences {
  return byLanguage(SENTENCES, language);
}

const SENTENCES: Record<'en' | 'de' | 'fr' | 'es' | 'it', CallSentences> = {
  en: {
    busy: 'I am sorry, our automatic assistant is busy just now.',
    somethingWrong: 'I am sorry, something went wrong on our side.',
    callAgainLater: 'Please call again later. Goodbye.',
    connecting: 'I will connect you.',
    leaveMessage: 'Please leave a message.',
    leaveCallBack: 'Please leave your name and number after the tone, and we will call you back.',
    nobodyAnswers: 'I am sorry, nobody can take your call.',
    thanksForMessage: 'Thank you. Goodbye.',
  },
  de: {
    busy: 'Es tut mir leid, unser automatischer Assistent ist gerade ausgelastet.',
    somethingWrong: 'Es tut mir leid, bei uns ist etwas schiefgegangen.',
    callAgainLater: 'Bitte rufen Sie später noch einmal an. Auf Wiederhören.',
    connecting: 'Ich verbinde Sie.',
    leaveMessage: 'Bitte hinterlassen Sie eine Nachricht.',
    leaveCallBack:
      'Bitte sagen Sie nach dem Ton Ihren Namen und Ihre Nummer, wir rufen Sie zurück.',
    nobodyAnswers: 'Es tut mir leid, Ihren Anruf kann gerade niemand annehmen.',
    thanksForMessage: 'Vielen Dank. Auf Wiederhören.',
  },
  fr: {
    busy: 'Je suis désolé, notre assistant automatique est occupé en ce moment.',
    somethingWrong: 'Je suis désolé, un problème est survenu de notre côté.',
    callAgainLater: 'Veuillez rappeler plus tard. Au revoir.',
    connecting: 'Je vous mets en relation.',
    leaveMessage: 'Veuillez laisser un message.',
    leaveCallBack:
      'Veuillez laisser votre nom et votre numéro après le bip, nous vous rappellerons.',
    nobodyAnswers: 'Je suis désolé, personne ne peut prendre votre appel.',
    thanksForMessage: 'Merci. Au revoir.',
  },
  es: {
    busy: 'Lo siento, nuestro asistente automático está ocupado en este momento.',
    somethingWrong: 'Lo siento, ha habido un problema por nuestra parte.',
    callAgainLater: 'Por favor, vuelva a llamar más tarde. Adiós.',
    connecting: 'Le paso la llamada.',
    leaveMessage: 'Por favor, deje un mensaje.',
    leaveCallBack:
      'Por favor, deje su nombre y su número después de la señal y le devolveremos la llamada.',
    nobodyAnswers: 'Lo siento, nadie puede atender su llamada.',
    thanksForMessage: 'Gracias. Adiós.',
  },
  it: {
    busy: 'Mi dispiace, il nostro assistente automatico è occupato in questo momento.',
    somethingWrong: 'Mi dispiace, si è verificato un problema da parte nostra.',
    callAgainLater: 'Richiami più tardi, per favore. Arrivederci.',
    connecting: 'La metto in contatto.',
    leaveMessage: 'Lasci un messaggio, per favore.',
    leaveCallBack: 'Lasci il suo nome e il suo numero dopo il segnale, la richiameremo.',
    nobodyAnswers: 'Mi dispiace, nessuno può rispondere alla sua chiamata.',
    thanksForMessage: 'Grazie. Arrivederci.',
  },
};
