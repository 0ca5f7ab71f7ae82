using System.Collections;
using System.Globalization;

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

    /// <summary>
    /// The classes that a word means: <c>id:7</c> an id, <c>number:7</c> a position; else an id, a position, or a name whatever its case.
    /// Ids that are numbers match however they are padded.
    /// </summary>
    /// <returns>Positions; several where classes share a name, none where no class is meant.</returns>
    /// <exception cref="FoveaException">Configuration: a number is the id of one class and the position of another.</exception>
    public IReadOnlyList<int> Find(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        var matcher = new ClassMatcher(this);
        if (word.StartsWith("id:", StringComparison.Ordinal)) return matcher.Find(word[3..]) is >= 0 and var named ? [named] : [];
        bool isPosition = word.StartsWith("number:", StringComparison.Ordinal);
        if (int.TryParse(isPosition ? word[7..] : word, NumberStyles.None, CultureInfo.InvariantCulture, out int position))
        {
            int id = isPosition ? -1 : matcher.Find(word);
            bool exists = position < Count;
            if (id >= 0 && exists && id != position)
            {
                throw FoveaException.BadConfiguration(
                    $"'{word}' is the id of class number {id} and the number of the class with the id {this[position].Id}: "
                    + $"write id:{word} or number:{word}.");
            }
            return id >= 0 ? [id] : exists ? [position] : [];
        }
        return IndexOf(word) is >= 0 and var found ? [found]
            : [.. Enumerable.Range(0, Count).Where(i => this[i].Name.Equals(word, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>Throws unless <paramref name="data"/> has the same ids in the same order as this list (a model's).</summary>
    /// <exception cref="FoveaException">The lists differ; the message shows the first difference.</exception>
    public void RequireSame(ClassList data, string source)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (Count != data.Count)
            throw FoveaException.BadData(
                $"The model knows {Count} classes, {source} has {data.Count}. Give the model's class list with --classes, or other data.");
        for (int i = 0; i < Count; i++)
        {
            if (this[i].Id != data[i].Id)
                throw FoveaException.BadData(
                    $"Class {i} is {this[i].Id} for the model and {data[i].Id} in {source}: the order of the classes differs.");
        }
    }

    /// <inheritdoc/>
    public IEnumerator<ClassInfo> GetEnumerator() => ((IEnumerable<ClassInfo>)_classes).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => _classes.GetEnumerator();
}
