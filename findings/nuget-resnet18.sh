#!/usr/bin/env bash
# Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1 (28 November 2026): the network is no ResNet-18. He et al. (2015) have eight blocks, 20 convolutions and 11.2 million parameters before the
# classifier; this file has nine blocks (a third one in the last stage), 22 convolutions and 15.9 million. Its images are BGR with a mean image taken away, by a second file beside it, and it is
# fixed to one image at a time. One would have guessed the network of the name: weights or figures of another ResNet-18 do not fit it.
. "$(dirname "$0")/common.sh"
export PACKAGE; PACKAGE=$(mktemp -d); trap 'rm -rf "$work" "$PACKAGE"' EXIT
cat > "$PACKAGE/package.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework><RestorePackagesPath>$(MSBuildThisFileDirectory)packages</RestorePackagesPath>
  </PropertyGroup>
  <ItemGroup><PackageDownload Include="Microsoft.ML.DnnImageFeaturizer.ResNet18" Version="[0.23.1]" /></ItemGroup>
</Project>
PROJECT
dotnet restore "$PACKAGE/package.csproj" -v q > "$work/restore.log" 2>&1 || { cat "$work/restore.log"; exit 2; }
program <<'C'
string root = Environment.GetEnvironmentVariable("PACKAGE")!;
byte[] file = File.ReadAllBytes(Directory.GetFiles(root, "ResNet18.onnx", SearchOption.AllDirectories).Single());
var operators = new SortedDictionary<string, int>(StringComparer.Ordinal);
long numbers = 0;
string input = "";
// ModelProto.graph is field 7; of it 1 are nodes (4: operator), 5 initialisers (1: sizes), 11 inputs (2.1.2.1.1: sizes).
foreach (var (_, graph) in Fields(file, 0, file.Length).Where(one => one.Field == 7))
foreach (var (field, part) in Fields(file, graph.Start, graph.End))
{
    if (field == 1)
    {
        var name = Fields(file, part.Start, part.End).First(one => one.Field == 4).At;
        string word = System.Text.Encoding.UTF8.GetString(file[name.Start..name.End]);
        operators[word] = operators.GetValueOrDefault(word) + 1;
    }
    else if (field == 5) numbers += Sizes(part, 1).Aggregate(1L, (all, size) => all * size);
    else if (field == 11)
    {
        var at = part;
        foreach (int inner in new[] { 2, 1, 2 }) at = Fields(file, at.Start, at.End).First(one => one.Field == inner).At;
        input = string.Join(" × ", Fields(file, at.Start, at.End).Select(one => Sizes(one.At, 1).Single()));
    }
}
Console.WriteLine($"{operators["Conv"]} convolutions, {operators["Add"]} sums of shortcuts, {numbers / 1e6:0.0} million numbers, images {input}");

IEnumerable<long> Sizes((int Start, int End) at, int wanted)
{
    foreach (var (field, part) in Fields(file, at.Start, at.End))
    {
        if (field != wanted) continue;
        // One number, or a packed list of them.
        for (int i = part.Start; i < part.End;) yield return Varint(ref i);
    }
}

// A message's fields with the place of their content; of a number, the place of the number itself.
IEnumerable<(int Field, (int Start, int End) At)> Fields(byte[] bytes, int start, int end)
{
    while (start < end)
    {
        int key = (int)Varint(ref start), first = start;
        switch (key & 7)
        {
            case 0: Varint(ref start); break;
            case 1: start += 8; break;
            case 5: start += 4; break;
            default: int length = (int)Varint(ref start); first = start; start += length; break;
        }
        yield return (key >> 3, (first, start));
    }
}

long Varint(ref int at)
{
    long value = 0;
    for (int shift = 0; ; shift += 7)
    {
        byte one = file[at++];
        value |= (long)(one & 127) << shift;
        if (one < 128) return value;
    }
}
C
still '22 convolutions, 9 sums of shortcuts, 15.9 million numbers, images 1 × 3 × 224 × 224'
