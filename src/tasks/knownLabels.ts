/**
 * Class names that stand in few files because everybody knows them, by how many classes a model has. A guess: it is
 * told with its reason, and class names in the file or set by hand come first.
 */

/** Common Objects in Context, the 80 classes in the order of its detection task. https://cocodataset.org */
const coco =
  'person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush'.split(
    ',',
  );

/** PASCAL VOC 2012, segmentation: 0 is the background. http://host.robots.ox.ac.uk/pascal/VOC */
const voc =
  'background,aeroplane,bicycle,bird,boat,bottle,bus,car,cat,chair,cow,dining table,dog,horse,motorbike,person,potted plant,sheep,sofa,train,tv monitor'.split(
    ',',
  );

export interface KnownLabels {
  readonly labels: readonly string[];
  readonly reason: string;
}

export function knownLabels(kind: 'detection' | 'segmentation', classes: number): KnownLabels | undefined {
  if (kind === 'detection' && classes === coco.length)
    return { labels: coco, reason: 'The file names no classes; 80 of them are taken for those of COCO.' };
  if (kind === 'segmentation' && classes === voc.length)
    return { labels: voc, reason: 'The file names no classes; 21 of them are taken for those of Pascal VOC.' };
  return undefined;
}
