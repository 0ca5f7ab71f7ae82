namespace Fovea.Datasets;

/// <summary>
/// The tree that a tar's entries make, in which its links are resolved as a file system would resolve them after unpacking, with one
/// difference: nothing outside the tar exists. A later entry replaces an earlier one of the same name.
/// </summary>
internal sealed class TarFolder
{
    private const int MostHops = 40;

    private readonly Node _root = new(null, "");
    private readonly List<BrokenLink> _broken = [];
    private readonly List<TreeFile> _files = [];
    private readonly List<string> _folders = [];
    private readonly List<string> _twice = [];
    private readonly Dictionary<string, TarEntry> _contents = new(StringComparer.Ordinal);
    private readonly string _path;
    private int _linkedFolders;

    /// <summary>Builds the tree and lists it.</summary>
    /// <param name="entries">The tar's entries, in its order.</param>
    /// <param name="path">The tar, for messages.</param>
    /// <exception cref="FoveaException">Links unfold without end.</exception>
    public TarFolder(IEnumerable<TarEntry> entries, string path)
    {
        _path = path;
        foreach (TarEntry entry in entries)
        {
            // A name that climbs out of the tar is written by no packer; an unpacker refuses it.
            if (entry.Name.Split('/').Contains("..")) _broken.Add(new BrokenLink(entry.Name, entry.Link ?? entry.Name, LinkFault.Outside));
            else if (entry.Name.Length > 0) Place(entry);
        }
        List(_root, "", linked: false, [_root]);
        Files = [.. _files.OrderBy(file => file.Name, StringComparer.Ordinal)];
        Folders = [.. _folders.Order(StringComparer.Ordinal)];
        BrokenLinks = [.. _broken.OrderBy(link => link.Name, StringComparer.Ordinal)];
    }

    public IReadOnlyList<TreeFile> Files { get; }

    public IReadOnlyList<string> Folders { get; }

    public IReadOnlyList<BrokenLink> BrokenLinks { get; }

    public int Followed { get; private set; }

    /// <summary>Names that stand twice or more: an unpacker would keep the last, and so does this.</summary>
    public IReadOnlyList<string> Twice => _twice;

    /// <summary>Where the content of each of <see cref="Files"/> lies.</summary>
    public IReadOnlyDictionary<string, TarEntry> Contents => _contents;

    private void Place(TarEntry entry)
    {
        Node at = _root;
        string[] parts = entry.Name.Split('/', StringSplitOptions.RemoveEmptyEntries);
        LinkLimit.RequireDepth(parts.Length, _path);
        foreach (string part in parts)
        {
            if (part == ".") continue;
            // What has something in it is a folder, whatever an earlier entry said.
            if (at.Entry is { Kind: not TarKind.Folder }) at.Entry = null;
            at = at.Child(part);
        }
        if (at == _root) return;
        if (entry.Kind == TarKind.File && at.Entry is { Kind: TarKind.File }) _twice.Add(entry.Name);
        if (entry.Kind != TarKind.Folder) at.Clear();
        at.Entry = entry;
    }

    private void List(Node folder, string prefix, bool linked, HashSet<Node> above)
    {
        LinkLimit.RequireDepth(above.Count, _path);
        foreach (Node child in folder.Children.Values)
        {
            if (FolderTree.IsHidden(child.Name)) continue;
            string name = prefix + child.Name;
            switch (child.Entry)
            {
                case { Kind: TarKind.File } file:
                    Add(name, file, linked ? child : null);
                    break;
                case { Kind: TarKind.SymbolicLink or TarKind.HardLink } link:
                    Follow(child, link, name, above);
                    break;
                default:
                    _folders.Add(name);
                    if (!above.Add(child)) break;
                    List(child, name + "/", linked, above);
                    above.Remove(child);
                    break;
            }
        }
    }

    private void Follow(Node child, TarEntry link, string name, HashSet<Node> above)
    {
        int hops = 0;
        (Node? target, LinkFault fault) = Resolve(child, ref hops);
        if (target is null) _broken.Add(new BrokenLink(name, link.Link!, fault));
        else if (target.Entry is { Kind: TarKind.File } file)
        {
            Followed++;
            Add(name, file, target);
        }
        else if (!above.Add(target)) _broken.Add(new BrokenLink(name, link.Link!, LinkFault.Loop));
        else
        {
            Followed++;
            _folders.Add(name);
            LinkLimit.Require(++_linkedFolders, _files.Count, _path);
            List(target, name + "/", linked: true, above);
            above.Remove(target);
        }
    }

    private void Add(string name, TarEntry file, Node? real)
    {
        _files.Add(new TreeFile(name, file.Size, real?.FullName));
        _contents[name] = file;
    }

    /// <summary>The file or folder that a link leads to in the end.</summary>
    private (Node? Target, LinkFault Fault) Resolve(Node link, ref int hops)
    {
        if (++hops > MostHops) return (null, LinkFault.Loop);
        TarEntry entry = link.Entry!.Value;
        string target = entry.Link!;
        if (entry.Kind == TarKind.SymbolicLink && target.StartsWith('/')) return (null, LinkFault.Outside);
        // A hard link names a file from the root of the tar, a symbolic one from the folder it lies in.
        Node at = entry.Kind == TarKind.HardLink ? _root : link.Parent!;
        foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part == "..")
            {
                if (at.Parent is null) return (null, LinkFault.Outside);
                at = at.Parent;
                continue;
            }
            if (!at.Children.TryGetValue(part, out Node? next)) return (null, LinkFault.Missing);
            if (next.Entry is { Kind: TarKind.SymbolicLink or TarKind.HardLink })
            {
                (Node? through, LinkFault fault) = Resolve(next, ref hops);
                if (through is null) return (null, fault);
                next = through;
            }
            at = next;
        }
        return (at, default);
    }

    /// <summary>A file, a link, or a folder (which need not have an entry of its own).</summary>
    private sealed class Node(Node? parent, string name)
    {
        private static readonly Dictionary<string, Node> None = [];

        private Dictionary<string, Node>? _children;

        public Node? Parent { get; } = parent;

        public string Name { get; } = name;

        public TarEntry? Entry { get; set; }

        /// <summary>Most nodes are files: what they do not have takes no memory.</summary>
        public IReadOnlyDictionary<string, Node> Children => _children ?? None;

        public string FullName => Parent is { Parent: not null } above ? above.FullName + "/" + Name : Name;

        public Node Child(string part)
        {
            _children ??= new Dictionary<string, Node>(StringComparer.Ordinal);
            return _children.TryGetValue(part, out Node? known) ? known : _children[part] = new Node(this, part);
        }

        public void Clear() => _children = null;
    }
}
