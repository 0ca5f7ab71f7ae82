using Fovea.Fuzz.Changes;
using Fovea.Models.Pt2;
using Fovea.Numerics;
using Fovea.Tests.Shared;
using static TorchSharp.torch;

namespace Fovea.Fuzz.Readers;

/// <summary>Exported programs as they are parsed: the archive, the program, its weights and constants.</summary>
internal sealed class Pt2Reader : FuzzReader
{
    public override string Name => "pt2";

    public override string About => ".pt2 files: archive, program and weights, without the network (Pt2Archive, Pt2Program)";

    public override IReadOnlyList<string> Types =>
        ["Fovea.Models.Pt2.Pt2Archive", "Fovea.Models.Pt2.Pt2Program", "Fovea.Models.Pt2.Pt2Tensors", "Fovea.Models.Pt2.Pt2Json",
            "Fovea.Models.Pt2.Pt2Node", "Fovea.Models.Pt2.Pt2Argument"];

    public override bool Native => true;

    /// <summary>Small programs.</summary>
    public static IReadOnlyList<byte[]> Programs() =>
    [
        .. ((ProgramFile[])[SmallPrograms.Classifier(), SmallPrograms.Classifier(2, training: true), SmallPrograms.Extractor(), SmallPrograms.WholeNumbers(8)])
            .Select(program => Fuzz.Seeds.Written("net.pt2", path => program.Save(Path.GetDirectoryName(path)!, "net"))),
    ];

    /// <summary>A change of a program: mostly of its words and numbers.</summary>
    public static byte[] Changed(byte[] input, CounterRandom random) => random.NextInt(5) == 0 ? ZipChanges.Structure(input, random)
        : ZipChanges.Entry(input, random, (name, bytes) =>
            name.EndsWith(".json", StringComparison.Ordinal) ? TextChanges.Any(bytes, random) : ByteChanges.Any(bytes, random));

    public override IReadOnlyList<byte[]> Seeds() => Programs();

    public override byte[] Change(byte[] input, CounterRandom random) => Changed(input, random);

    public override void Read(byte[] input)
    {
        using var scope = NewDisposeScope();
        using Pt2Archive archive = Pt2Archive.Open(File(input, "net.pt2"));
        archive.ReadProgram();
        archive.ReadWeights();
        archive.ReadConstants();
    }
}
