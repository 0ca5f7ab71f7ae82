using System.Collections;

namespace Fovea.Datasets;

/// <summary>One class: its id in the data (a WordNet id, a folder name) and its name for people.</summary>
public sealed record ClassInfo(string Id, string Name);

/// <summary>The classes of a dataset or a network, in the order of the network's outputs.</summary>
public sealed class ClassList : IReadOnlyList<ClassInfo>
{
    private readonly ClassInfo[] _classes;
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    /// <summary>A list in the given order.</summary>
    /// <exception cref="FoveaException">An id stands twice.</exception>
    public ClassList(IEnumerable<ClassInfo> classes)
    {
        _classes = [.. classes];
        for (int i = 0; i < _classes.Length; i++)
        {
            if (!_index.TryAdd(_classes[i].Id, i)) throw FoveaException.BadData($"Class {_classes[i].Id} stands twice in the class list.");
        }
    }

    /// <inheritdoc/>
    public int Count => _classes.Length;

    /// <inheritdoc/>
    public ClassInfo this[int index] => _classes[index];

    /// <summary>The position of the class with this id, or −1.</summary>
    public int IndexOf(string id) => _index.GetValueOrDefault(id, -1);

    /// <summary>Throws unless <paramref name="data"/> has the same ids in the same order as this list (a model's).</summary>
    /// <exception cref="FoveaException">The lists differ; the message shows the first difference.</exception>
    public void RequireSame(ClassList data, string source)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (Count != data.Count)
            throw FoveaException.BadData($"The model knows {Count} classes, {source} has {data.Count}. Give the model's class list with --classes, or other data.");
        for (int i = 0; i < Count; i++)
        {
            if (this[i].Id != data[i].Id)
                throw FoveaException.BadData($"Class {i} is {this[i].Id} for the model and {data[i].Id} in {source}: the order of the classes differs.");
        }
    }

    /// <inheritdoc/>
    public IEnumerator<ClassInfo> GetEnumerator() => ((IEnumerable<ClassInfo>)_classes).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => _classes.GetEnumerator();
}
