using Fovea.Fuzz.Readers;

namespace Fovea.Fuzz;

/// <summary>All readers, by the names that the command has for them.</summary>
internal static class ReaderList
{
    /// <summary>All, in the order of the list.</summary>
    public static FuzzReader[] All() =>
    [
        new PickleReader(), new ZipReader(), new OldStreamReader(), new SafetensorsReader(), new Pt2Reader(), new OnnxReader(), new NumpyReader(),
        new TarReader(), new ParquetReader(), new TableReader(), new TomlReader(), new ClassListReader(), new MatReader(), new ImageReader(),
        new DocumentReader(), new NetworkReader("pt2-network"), new NetworkReader("onnx-network"), new HttpReader(),
    ];

    /// <summary>One by its name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static FuzzReader Find(string name) => All().FirstOrDefault(reader => reader.Name == name)
        ?? throw new ArgumentException($"There is no reader {name}: fovea-fuzz list names them.");
}
