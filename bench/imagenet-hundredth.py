#!/usr/bin/env python3
"""ImageNet as it ships, at a hundredth: a tar of a thousand tars with 12,812 images, a flat tar of 500 validation images, Kaggle's table of their classes.

imagenet-hundredth.py PHOTOGRAPHS.tar CLASSES.tsv OUT   photographs in folders of WordNet ids; a table with the ids
Each image is a cut of one of the photographs, mirrored and brightened by chance (seed 1), 500 pixels wide. Where a class has no photograph one of
another class stands for it: this is for times and sizes, not for accuracy. Needs Pillow.
"""
import io
import os
import random
import re
import sys
import tarfile

from PIL import Image, ImageEnhance

photographs, classes, out = sys.argv[1:4]
ids = sorted(set(re.findall(r"\bn\d{8}\b", open(classes).read())))
assert len(ids) == 1000, f"{len(ids)} classes"
of_class, everything = {}, []
with tarfile.open(photographs) as tar:
    for member in tar:
        if member.isfile() and member.name.upper().endswith(".JPEG"):
            image = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB")
            name = member.name.split("/")[-2]
            of_class.setdefault(name, []).append(image)
            everything.append(image)
draw = random.Random(1)
os.makedirs(out, exist_ok=True)


def jpeg(name):
    image = draw.choice(of_class.get(name, everything))
    share = draw.uniform(0.6, 1)
    width, height = int(image.width * share), int(image.height * share)
    left, top = draw.randint(0, image.width - width), draw.randint(0, image.height - height)
    image = image.crop((left, top, left + width, top + height)).resize((500, max(1, 500 * height // width)), Image.BILINEAR)
    if draw.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    image = ImageEnhance.Brightness(image).enhance(draw.uniform(0.7, 1.3))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=92)
    return data.getvalue()


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


count = 0
with tarfile.open(os.path.join(out, "ILSVRC2012_img_train.tar"), "w", format=tarfile.USTAR_FORMAT) as tar:
    for number, name in enumerate(ids):
        inner = io.BytesIO()
        with tarfile.open(fileobj=inner, mode="w", format=tarfile.USTAR_FORMAT) as of_ids:
            # 12 or 13 a class: 12,812 in all, of 1,281,167.
            for i in range(13 if number < 812 else 12):
                add(of_ids, f"{name}_{i + 1}.JPEG", jpeg(name))
                count += 1
        add(tar, f"{name}.tar", inner.getvalue())
order = ids[:]
draw.shuffle(order)
with tarfile.open(os.path.join(out, "ILSVRC2012_img_val.tar"), "w", format=tarfile.USTAR_FORMAT) as tar:
    with open(os.path.join(out, "LOC_val_solution.csv"), "w") as table:
        table.write("ImageId,PredictionString\n")
        for i, name in enumerate(order[:500]):
            add(tar, f"ILSVRC2012_val_{i + 1:08}.JPEG", jpeg(name))
            table.write(f"ILSVRC2012_val_{i + 1:08},{name} 1 1 100 100 \n")
with open(os.path.join(out, "LOC_synset_mapping.txt"), "w") as names:
    for name in ids:
        names.write(f"{name} {name}\n")
print(f"{count} training images, 500 validation images, {sum(os.path.getsize(os.path.join(out, f)) for f in os.listdir(out)) / 1e9:.2f} GB")
