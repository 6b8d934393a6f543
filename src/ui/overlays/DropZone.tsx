/** The whole window takes files: a model with its data files beside it, or pictures, folders, videos and sounds for the source. */
import { useEffect, useState } from 'react';
import { useVerbs } from '../StationContext.ts';
import { droppedFiles } from '../droppedFiles.ts';
import { count } from '../format.ts';
import css from './overlays.module.css';

export function DropZone() {
  const verbs = useVerbs();
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Entering a child leaves its parent: only the count says whether files are still over the window.
    let depth = 0;
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      void droppedFiles(event.dataTransfer).then(({ files, isCut }) => {
        if (isCut)
          verbs.notice('Not all files were taken', `The first ${count(files.length)} were: drop fewer at once.`);
        if (files.length > 0) verbs.open(files);
      });
    };
    addEventListener('dragenter', enter);
    addEventListener('dragleave', leave);
    addEventListener('dragover', hover);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragenter', enter);
      removeEventListener('dragleave', leave);
      removeEventListener('dragover', hover);
      removeEventListener('drop', drop);
    };
  }, [verbs]);
  if (!over) return undefined;
  return (
    <div className={css['drop']} data-testid="drop-zone">
      <b>Drop to open</b>
      <span>An .onnx or .ort model with its data files, or pictures, a video or a sound to run through it.</span>
    </div>
  );
}
